"""A living actor: its context, and the process that takes its messages, in one."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from protoactor._actor_process import (
    ALIVE,
    RESTARTING,
    STOPPED,
    STOPPING,
    ActorProcess,
)
from protoactor._begun import begun
from protoactor._envelope import Envelope
from protoactor._pending_request import PendingRequest
from protoactor._pid import PID
from protoactor._props import Props, Spawnable
from protoactor._receive_timeout import ReceiveTimer
from protoactor._system_messages import Continuation, Stop, Unwatch, Watch
from protoactor.errors import NotSent
from protoactor.middleware import Sent, Spawned, chain

if TYPE_CHECKING:
    from protoactor._scheduler import Scheduler

__all__ = ["ALIVE", "RESTARTING", "STOPPED", "STOPPING", "ActorCell"]

T = TypeVar("T")
NO_HEADERS: Mapping[str, str] = {}


class ActorCell(ActorProcess):
    """Implements `Context` for the actor and `Process` for everybody else."""

    __slots__ = ()

    @property
    def self(self) -> PID:
        pid = self.pid
        if pid.address != self.system.address:
            pid = self.pid = PID(self.system.address, pid.id)
        return pid

    @property
    def parent(self) -> PID | None:
        return self._parent

    @property
    def children(self) -> Sequence[PID]:
        pid = self.system.registry.pid
        return tuple(map(pid, self._extras.children)) if self._extras else ()

    @property
    def sender(self) -> PID | None:
        envelope = self.envelope
        return None if envelope is None else envelope.sender

    @property
    def headers(self) -> Mapping[str, str]:
        envelope = self.envelope
        return (envelope.headers if envelope else None) or NO_HEADERS

    @property
    def remaining(self) -> float | None:
        envelope = self.envelope
        if envelope is None or envelope.deadline is None:
            return None
        return envelope.deadline - self.system.loop.time()

    @property
    def stopping(self) -> bool:
        queued = self.system_queue or ()
        return self.state >= STOPPING or any(type(m) is Stop for m in queued)

    @property
    def scheduler(self) -> Scheduler:
        extras = self.extras
        if extras.scheduler is None:
            extras.scheduler = self.system.new_scheduler(self.self)
        return extras.scheduler

    @property
    def store(self) -> dict[type, Any]:
        return self.extras.store

    def send(
        self,
        target: PID,
        message: object,
        *,
        sender: PID | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        if message is None:
            raise NotSent("a message must not be None")
        if sender is not None or headers is not None:
            message = Envelope(message, sender, headers)
        if self.props.send_middleware:
            self.deliver(target, message)
        else:
            self.system.deliver(target, message)

    def deliver(self, target: PID, item: object) -> None:
        """Pass a message through the send middleware to its process."""
        if self.props.send_middleware:
            envelope = item if isinstance(item, Envelope) else Envelope(item)
            call = Sent(self.system, self, target, envelope)
            chain(self.props.send_middleware, self.system.deliver_sent)(call)
        else:
            self.system.deliver(target, item)

    async def request(
        self,
        target: PID,
        message: object,
        *,
        returns: type[Any] | None = None,
        timeout: float | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Any:
        return await self.system.requests.ask(
            self.deliver, target, message, returns, self._clamp(timeout), headers
        )

    def _clamp(self, timeout: float | None) -> float | None:
        remaining = self.remaining
        if remaining is None:
            return timeout
        wanted = self.system.request_timeout if timeout is None else timeout
        return min(wanted, remaining)

    def respond(
        self, message: object, *, headers: Mapping[str, str] | None = None
    ) -> None:
        envelope = self.envelope
        if (
            type(envelope) is PendingRequest
            and message is not None
            and not self.props.send_middleware
        ):
            self.system.requests.settle(envelope, message)
            return
        sender = None if envelope is None else envelope.sender
        if sender is None:
            self.system.dead_letter(None, message, "no sender to respond to")
        elif message is None or headers is not None or self.props.send_middleware:
            self.send(sender, message, headers=headers)
        else:
            self.system.deliver(sender, message)

    def forward(self, target: PID) -> None:
        if self.message is None:
            raise NotSent("there is no message to forward")
        self.deliver(target, self.envelope or self.message)

    def spawn(self, actor: Spawnable) -> PID:
        return self.spawn_named(actor, self.system.registry.next_id())

    def spawn_prefix(self, actor: Spawnable, prefix: str) -> PID:
        return self.spawn_named(actor, prefix + self.system.registry.next_id())

    def spawn_named(self, actor: Spawnable, name: str) -> PID:
        if isinstance(actor, Props) and actor.guardian is not None:
            raise NotSent("a guardian is for `system.spawn`: a child has its parent")
        id = f"{self.pid.id}/{name}"
        if not self.props.spawn_middleware:
            return self._spawn_child(id, actor)
        return chain(
            self.props.spawn_middleware,
            lambda call: self._spawn_child(call.id, call.props),
        )(Spawned(self, id, Props.of(actor)))

    def _spawn_child(self, id: str, actor: Spawnable) -> PID:
        pid = self.system.start_actor(id, actor, self.self)
        self.extras.children[pid.id] = None
        if self.state != ALIVE:
            self.system.post_system(pid, Stop())  # as its siblings were told
        return pid

    def stop(self, target: PID) -> asyncio.Future[None]:
        return self.system.stop(target)

    def poison(self, target: PID) -> asyncio.Future[None]:
        return self.system.poison(target)

    def watch(self, target: PID) -> None:
        self.system.post_system(target, Watch(self.self))
        self.extras.watching[target] = None

    def unwatch(self, target: PID) -> None:
        self.system.post_system(target, Unwatch(self.self))
        self.extras.watching.pop(target, None)

    def stash(self) -> None:
        if self.message is None:
            raise NotSent("there is no message to stash")
        self.extras.stash.append(self.envelope or self.message)

    def unstash_all(self) -> None:
        if self._extras and self._extras.stash:
            stashed, self._extras.stash = self._extras.stash, []
            self.put_back(stashed)

    def reenter_after(
        self,
        awaitable: Awaitable[T],
        callback: Callable[[asyncio.Future[T]], Awaitable[None] | None],
    ) -> None:
        future = asyncio.ensure_future(awaitable)
        self._go_on_after(future, None if future is awaitable else future, callback)

    def _go_on_after(
        self,
        future: asyncio.Future[T],
        own: asyncio.Future[T] | None,
        callback: Callable[[asyncio.Future[T]], Awaitable[None] | None],
    ) -> None:
        """`own` is the future if nobody else has it: it ends with this actor."""
        envelope, message = self.envelope, self.message
        extras, incarnation = self.extras, self.extras.incarnation

        def reenter(done: asyncio.Future[T]) -> None:
            if own is not None and not done.cancelled():
                done.exception()  # whether anybody looks at it is the callback's choice
            # It is gone if the actor has stopped or restarted meanwhile.
            if extras.reentries.pop(reenter, None) is not None:
                turn = Continuation(
                    lambda: callback(done), envelope, message, incarnation
                )
                self.post_system(self.pid, turn)

        extras.reentries[reenter] = (own, envelope)
        future.add_done_callback(reenter)

    def request_reenter(
        self,
        target: PID,
        message: object,
        callback: Callable[[asyncio.Future[Any]], Awaitable[None] | None],
        *,
        returns: type[Any] | None = None,
        timeout: float | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        asked = self.request(
            target, message, returns=returns, timeout=timeout, headers=headers
        )
        reply = begun(asked, self.system.loop)
        self._go_on_after(reply, reply, callback)

    def set_receive_timeout(self, seconds: float) -> None:
        if self.receive_timer is not None:
            self.receive_timer.cancel()
            self.receive_timer = None
        if seconds > 0 and self.state < STOPPING:
            self.receive_timer = ReceiveTimer(self, seconds, self.system.loop)

    async def receive(self, envelope: Envelope) -> None:
        outer, outer_message = self.envelope, self.message
        self.envelope, self.message = envelope, envelope.message
        try:
            result = self.receive_now(self)
            if result is not None:
                await result
        finally:
            self.envelope, self.message = outer, outer_message
