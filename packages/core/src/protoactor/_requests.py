"""Requests that wait for their reply."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from protoactor._envelope import QUEUED, WITHDRAWN, Envelope
from protoactor._pending_request import PendingRequest
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
    from protoactor._dispatcher import Dispatcher
    from protoactor._system import ActorSystem

__all__ = ["Requests"]

SWEEP = 0.02
"""Seconds between looks at deadlines; a timer per request would cost more."""
LAST_ID = 0xFFFFFFFF
SHUT_DOWN = "the actor system was shut down"


class Requests:
    """One process that receives the replies to all requests of a system.

    A reply finds its request by the `request_id` of the PID it is sent to, which
    every peer preserves. The first reply wins, later ones are dead letters.
    """

    def __init__(self, system: ActorSystem) -> None:
        self._system = system
        self._pending: dict[int, PendingRequest] = {}
        self._buckets: dict[int, dict[PendingRequest, None]] = {}
        self._last_id = 0
        self._sweep: asyncio.TimerHandle | None = None
        self._sweep_bucket = 0
        self._dispatcher: Dispatcher | None = None
        self.id = f"future~{system.registry.incarnation}"

    def __len__(self) -> int:
        return len(self._pending)

    def open(self, dispatcher: Dispatcher) -> None:
        """Begin: the system has been entered."""
        self._dispatcher = dispatcher

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
        dispatcher = self._dispatcher
        if dispatcher is None:
            raise self._refusal(target)
        now = dispatcher.time()
        request = PendingRequest(self, target, message, headers, now + timeout, timeout)
        self._system.statistics.requests += 1
        try:
            deliver(target, request)
            dispatcher.run_now(now)
            if not request.answered:
                await self._wait(request, now + timeout)
            if request.error is not None:
                raise request.error
            reply = request.reply
            if returns is not None and not isinstance(reply, returns):
                raise UnexpectedReply(returns, reply)
        except BaseException as error:
            self._failed(request, error)
            raise
        finally:
            if request.id:
                self._pending.pop(request.id, None)
        if request.observer is not None:
            request.observer(reply, None)
        return reply

    def address_of(self, request: PendingRequest) -> PID:
        """A PID for replies to this request, which are awaited from now on."""
        id = request.id = self._last_id = self._last_id % LAST_ID + 1
        if not request.answered:
            self._pending[id] = request
        return PID(self._system.registry.address, self.id, id)

    def find(self, sender: PID) -> PendingRequest | None:
        """The request whose reply will come to this PID."""
        own = sender.id == self.id and self._system.registry.is_local(sender)
        return self._pending.get(sender.request_id) if own else None

    def post(self, target: PID, item: object) -> None:
        request = self._pending.pop(target.request_id, None)
        if request is None:
            self._nobody_waits(target, item)
        else:
            self.settle(request, item.message if isinstance(item, Envelope) else item)

    def settle(self, request: PendingRequest, reply: object) -> None:
        """End a request with what came as its reply."""
        if request.answered:
            self._nobody_waits(request.sender, reply)
        elif type(reply) is DeadLetterResponse:
            request.fail(DeadLetter(request.target, reply.reason))
        elif type(reply) is RequestFailed:
            request.fail(_error_of(request.target, reply))
        else:
            request.answer(reply)

    def _nobody_waits(self, target: PID, item: object) -> None:
        self._system.dead_letter(target, item, "nobody waits for this reply")

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
        self._dispatcher = None
        if self._sweep is not None:
            self._sweep.cancel()
        for request in list(self._pending.values()):
            if self._withdraw(request, SHUT_DOWN):
                request.fail(DeadLetter(request.target, SHUT_DOWN))
            else:
                request.fail(ActorStopped(request.target))

    def _refusal(self, target: PID) -> DeadLetter:
        """Why nothing can be asked; raises `SystemClosed` before the system starts."""
        _ = self._system.loop
        return DeadLetter(target, SHUT_DOWN)

    async def _wait(self, request: PendingRequest, deadline: float) -> None:
        """Until it is answered, or its deadline has passed."""
        request.future = self._system.loop.create_future()
        _ = request.sender  # from now on it is among those that wait
        bucket = self._bucket(deadline)
        bucket[request] = None
        try:
            await request.future
        finally:
            bucket.pop(request, None)

    def _failed(self, request: PendingRequest, error: BaseException) -> None:
        if isinstance(error, asyncio.CancelledError) and not request.answered:
            self._withdraw(request, "cancelled by its caller")
        request.fail(error)
        if request.observer is not None:
            request.observer(None, error)

    def _bucket(self, deadline: float) -> dict[PendingRequest, None]:
        """The requests that are looked at together, soon after this deadline."""
        number = int(deadline / SWEEP) + 1
        bucket = self._buckets.get(number)
        if bucket is None:
            bucket = self._buckets[number] = {}
            if self._sweep is None or number < self._sweep_bucket:
                self._arm(number)
        return bucket

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
            for request in self._buckets.pop(number):
                self._expire(request)
        self._buckets = {n: bucket for n, bucket in self._buckets.items() if bucket}
        if self._buckets:
            self._arm(min(self._buckets))

    def _withdraw(self, request: PendingRequest, reason: str) -> bool:
        """Take the message back; false if somebody has taken it already."""
        if request.state == QUEUED:
            request.state = WITHDRAWN
            unanswered = Envelope(request.message, None, request.headers)
            self._system.dead_letter(request.target, unanswered, reason)
        return request.state == WITHDRAWN

    def _expire(self, request: PendingRequest) -> None:
        if request.answered:
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
