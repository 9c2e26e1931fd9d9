"""Requests that wait for their reply."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

from protoactor._envelope import QUEUED, WITHDRAWN, Envelope
from protoactor._pid import PID
from protoactor._system_messages import SystemMessage
from protoactor.errors import (
    ActorError,
    ActorStopped,
    DeadLetter,
    Expired,
    HandlerFailed,
    NotSent,
    Overloaded,
    RequestTimeout,
    UnexpectedReply,
)
from protoactor.messages import DeadLetterResponse, RequestFailed

if TYPE_CHECKING:
    from protoactor._system import ActorSystem

__all__ = ["PendingRequest", "Requests"]

SWEEP = 0.02
"""Seconds between looks at deadlines; a timer per request would cost more."""
LAST_ID = 0xFFFFFFFF
SHUT_DOWN = "the actor system was shut down"

Observer: TypeAlias = Callable[[object, BaseException | None], None]


class PendingRequest:
    """One request on its way, and the future its caller awaits."""

    __slots__ = ("bucket", "envelope", "future", "id", "observer", "target", "timeout")

    def __init__(
        self,
        id: int,
        target: PID,
        envelope: Envelope,
        timeout: float,
        future: asyncio.Future[Any],
    ) -> None:
        self.id = id
        self.target = target
        self.envelope = envelope
        self.timeout = timeout
        self.future = future
        self.bucket = 0
        self.observer: Observer | None = None
        """Hears how the request ended; tracing sets it."""

    def fail(self, error: ActorError) -> None:
        if not self.future.done():
            self.future.set_exception(error)


class Requests:
    """One process that receives the replies to all requests of a system.

    A reply finds its request by the `request_id` of the PID it is sent to, which
    every peer preserves. The first reply wins, later ones are dead letters.
    """

    def __init__(self, system: ActorSystem) -> None:
        self._system = system
        self._pending: dict[int, PendingRequest] = {}
        self._buckets: dict[int, dict[int, PendingRequest]] = {}
        self._last_id = 0
        self._sweep: asyncio.TimerHandle | None = None
        self._sweep_bucket = 0
        self._closed = False
        self.id = f"future~{system.registry.incarnation}"

    def __len__(self) -> int:
        return len(self._pending)

    async def ask(
        self,
        deliver: Callable[[PID, object], None],
        target: PID,
        message: object,
        returns: type[Any] | None,
        timeout: float | None,
        headers: Mapping[str, str] | None,
    ) -> Any:
        """Send through `deliver` and wait for the reply; see `Context.request`."""
        if message is None:
            raise NotSent("a message must not be None")
        if timeout is None:
            timeout = self._system.request_timeout
        if timeout <= 0:
            raise Expired(target, timeout)
        if self._closed:
            raise DeadLetter(target, SHUT_DOWN)
        request = self._open(target, message, timeout, headers)
        try:
            deliver(target, request.envelope)
            self._system.dispatcher.run_now()
            reply = await request.future
            if returns is not None and not isinstance(reply, returns):
                raise UnexpectedReply(returns, reply)
        except BaseException as error:
            self._failed(request, error)
            raise
        finally:
            self._close(request)
        if request.observer is not None:
            request.observer(reply, None)
        return reply

    def find(self, sender: PID) -> PendingRequest | None:
        """The request whose reply will come to this PID."""
        own = sender.id == self.id and self._system.registry.is_local(sender)
        return self._pending.get(sender.request_id) if own else None

    def post(self, target: PID, item: object) -> None:
        request = self._pending.pop(target.request_id, None)
        if request is None or request.future.done():
            self._system.dead_letter(target, item, "nobody waits for this reply")
            return
        reply = item.message if type(item) is Envelope else item
        if type(reply) is DeadLetterResponse:
            request.fail(DeadLetter(request.target, reply.reason))
        elif type(reply) is RequestFailed:
            request.fail(_error_of(request.target, reply))
        else:
            request.future.set_result(reply)

    def post_system(self, target: PID, message: SystemMessage) -> None:
        self._system.dead_letters.post_system(target, message)

    def fail_address(
        self, address: str, error: Callable[[PendingRequest], ActorError]
    ) -> None:
        """End what waits for replies from a lost address."""
        for request in list(self._pending.values()):
            if request.target.address == address:
                request.fail(error(request))

    def close(self) -> None:
        """End everything that still waits, and whatever is asked from now on."""
        self._closed = True
        if self._sweep is not None:
            self._sweep.cancel()
        for request in list(self._pending.values()):
            if self._withdraw(request, SHUT_DOWN):
                request.fail(DeadLetter(request.target, SHUT_DOWN))
            else:
                request.fail(ActorStopped(request.target))

    def _open(
        self,
        target: PID,
        message: object,
        timeout: float,
        headers: Mapping[str, str] | None,
    ) -> PendingRequest:
        system = self._system
        id = self._last_id = self._last_id % LAST_ID + 1
        deadline = system.loop.time() + timeout
        sender = PID(system.registry.address, self.id, id)
        envelope = Envelope(message, sender, headers, deadline)
        future = system.loop.create_future()
        request = PendingRequest(id, target, envelope, timeout, future)
        self._pending[id] = request
        self._schedule(request, deadline)
        system.statistics.requests += 1
        return request

    def _failed(self, request: PendingRequest, error: BaseException) -> None:
        if isinstance(error, asyncio.CancelledError):
            self._withdraw(request, "cancelled by its caller")
        if request.observer is not None:
            request.observer(None, error)

    def _close(self, request: PendingRequest) -> None:
        self._pending.pop(request.id, None)
        bucket = self._buckets.get(request.bucket)
        if bucket is not None:
            bucket.pop(request.id, None)

    def _schedule(self, request: PendingRequest, deadline: float) -> None:
        number = request.bucket = int(deadline / SWEEP) + 1
        bucket = self._buckets.get(number)
        if bucket is None:
            self._buckets[number] = {request.id: request}
            if self._sweep is None or number < self._sweep_bucket:
                self._arm(number)
        else:
            bucket[request.id] = request

    def _arm(self, number: int) -> None:
        if self._sweep is not None:
            self._sweep.cancel()
        self._sweep_bucket = number
        self._sweep = self._system.loop.call_at(number * SWEEP, self._on_sweep)

    def _on_sweep(self) -> None:
        self._sweep = None
        now = self._system.loop.time()
        due = [n for n in self._buckets if n * SWEEP <= now]
        for number in due:
            for request in self._buckets.pop(number).values():
                self._expire(request)
        self._buckets = {n: bucket for n, bucket in self._buckets.items() if bucket}
        if self._buckets:
            self._arm(min(self._buckets))

    def _withdraw(self, request: PendingRequest, reason: str) -> bool:
        """Take the message back; false if somebody has taken it already."""
        envelope = request.envelope
        if envelope.state == QUEUED:
            envelope.state = WITHDRAWN
            unanswered = Envelope(envelope.message, None, envelope.headers)
            self._system.dead_letter(request.target, unanswered, reason)
        return envelope.state == WITHDRAWN

    def _expire(self, request: PendingRequest) -> None:
        if request.future.done():
            return
        self._system.statistics.request_timeouts += 1
        if self._withdraw(request, "deadline passed in a queue"):
            request.fail(Expired(request.target, request.timeout))
        else:
            request.fail(RequestTimeout(request.target, request.timeout))


def _error_of(target: PID, failed: RequestFailed) -> ActorError:
    if failed.outcome == "stopped":
        return ActorStopped(target)
    if failed.outcome == "overloaded":
        return Overloaded(target, failed.error or "mailbox is full")
    error = HandlerFailed(failed.error_type, failed.error)
    error.__cause__ = failed.cause
    return error
