"""A living actor: its context, its place in the queue, its process, in one object."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from operator import length_hint
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from protoactor._actor import Actor
from protoactor._backlog import Backlog
from protoactor._envelope import Envelope
from protoactor._pending_request import PendingRequest
from protoactor._pid import PID
from protoactor._props import Props, Spawnable
from protoactor._receive_timeout import ReceiveTimer
from protoactor._system_messages import (
    Continuation,
    Stop,
    SystemMessage,
    Unwatch,
    Watch,
)
from protoactor.errors import NotSent
from protoactor.messages import Started
from protoactor.middleware import Sent, Spawned, chain

if TYPE_CHECKING:
    from protoactor._dispatcher import ActorDispatcher, Dispatcher
    from protoactor._mailbox import Mailbox
    from protoactor._scheduler import Scheduler
    from protoactor._supervision import RestartStatistics
    from protoactor._system import ActorSystem

__all__ = ["ALIVE", "RESTARTING", "STOPPED", "STOPPING", "ActorCell"]

ALIVE, RESTARTING, STOPPING, STOPPED = range(4)
T = TypeVar("T")
Reentry: TypeAlias = tuple["asyncio.Future[Any] | None", Envelope | None]
"""What to cancel, and what to answer, if the actor ends before its turn comes."""
NO_HEADERS: Mapping[str, str] = {}
START: list[SystemMessage] = [Started()]
"""The system queue of every actor that has yet to begin; nothing is ever added."""


class Extras:
    """What only some actors have; an idle actor without it stays small."""

    __slots__ = (
        "children",
        "escalated",
        "incarnation",
        "reentries",
        "scheduler",
        "stash",
        "store",
        "watchers",
        "watching",
    )

    def __init__(self) -> None:
        self.children: dict[
            str, RestartStatistics | None
        ] = {}  # by id: addresses change
        self.watchers: dict[PID, None] = {}
        self.watching: dict[PID, None] = {}
        self.stash: list[object] = []
        self.reentries: dict[object, Reentry] = {}
        self.escalated: set[PID] = set()
        self.store: dict[type, Any] = {}
        self.scheduler: Scheduler | None = None
        self.incarnation = 0


class ActorCell:
    """Implements `Context` for the actor and `Process` for everybody else."""

    __slots__ = (
        "_extras",
        "_parent",
        "actor",
        "batch",
        "dispatcher",
        "envelope",
        "mailbox",
        "message",
        "pid",
        "producer",
        "props",
        "receive_now",
        "receive_timer",
        "scheduled",
        "state",
        "suspended",
        "system",
        "system_queue",
        "user_queue",
    )

    actor: Actor
    receive_now: Callable[[ActorCell], Awaitable[None] | None]

    def __init__(
        self,
        system: ActorSystem,
        props: Props,
        pid: PID,
        parent: PID | None,
        producer: Callable[..., Actor],
    ) -> None:
        self.system = system
        self.props = props
        self.producer = producer
        self.pid = pid
        self._parent = parent
        self.dispatcher: ActorDispatcher | Dispatcher = (
            props.dispatcher or system.dispatcher
        )
        self.mailbox: Mailbox | None = props.mailbox() if props.mailbox else None
        self.state = ALIVE
        self.suspended = False
        self.scheduled = False
        self.user_queue: list[object] | None = None
        self.system_queue: list[SystemMessage] | None = None
        self.batch: Iterator[object] | None = None
        self.message: Any = None
        self.envelope: Envelope | None = None
        self.receive_timer: ReceiveTimer | None = None
        self._extras: Extras | None = None

    # -- as a process ------------------------------------------------------

    def post(self, target: PID, item: object) -> None:
        queue = self.user_queue
        if queue is not None:
            queue.append(item)
            return
        if self.mailbox is None:
            self.user_queue = [item]
        elif dropped := self.mailbox.put(item):
            self.system.refuse(self.pid, dropped.item, overloaded=dropped.refused)
        if not self.scheduled:
            self.scheduled = True
            self.dispatcher.schedule(self)

    def start(self) -> None:
        """Let `Started` be handled; most actors share the queue it waits in."""
        if self.system_queue is None:
            self.system_queue = START
        else:
            self.post_system(self.pid, START[0])
        if not self.scheduled:
            self.scheduled = True
            self.dispatcher.schedule(self)

    def post_system(self, target: PID, message: SystemMessage) -> None:
        queue = self.system_queue
        if queue is None:
            self.system_queue = [message]
        elif queue is START:
            self.system_queue = [*START, message]
        else:
            queue.append(message)
        if not self.scheduled:
            self.scheduled = True
            self.dispatcher.schedule(self)

    @property
    def extras(self) -> Extras:
        if self._extras is None:
            self._extras = Extras()
        return self._extras

    @property
    def has_extras(self) -> bool:
        return self._extras is not None

    def take_user_messages(self) -> Iterable[object] | None:
        """What to handle next, or `None` when nothing waits."""
        if self.batch is not None:
            batch, self.batch = self.batch, None
            return batch
        if self.mailbox is not None:
            return self.mailbox.take()
        items, self.user_queue = self.user_queue, None
        return items

    @property
    def queued(self) -> int:
        """How many user messages wait, besides the one being handled."""
        own = len(self.user_queue) if self.user_queue else 0
        taken = 0 if self.batch is None else length_hint(self.batch)
        return own + taken + (len(self.mailbox) if self.mailbox is not None else 0)

    @property
    def alive(self) -> bool:
        """Neither ending nor between two incarnations."""
        return self.state == ALIVE

    @property
    def childless(self) -> bool:
        return self._extras is None or not self._extras.children

    @property
    def vacant(self) -> bool:
        """Whether there is no incarnation: its producer failed at a restart."""
        return self.receive_now is _nobody

    def vacate(self) -> None:
        self.receive_now = _nobody

    # -- as a context ------------------------------------------------------

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

    def put_back(self, items: list[object]) -> None:
        """Let these be handled next, before everything queued."""
        batch = self.batch
        if not isinstance(batch, Backlog):
            batch = self.batch = Backlog(batch or ())
        batch.put_first(items)
        if not self.scheduled:
            self.scheduled = True
            self.dispatcher.schedule(self)

    def reenter_after(
        self,
        awaitable: Awaitable[T],
        callback: Callable[[asyncio.Future[T]], Awaitable[None] | None],
    ) -> None:
        future = asyncio.ensure_future(awaitable)
        envelope, message = self.envelope, self.message
        extras, incarnation = self.extras, self.extras.incarnation
        own = None if future is awaitable else future

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
        timeout: float | None = None,
    ) -> None:
        self.reenter_after(self.request(target, message, timeout=timeout), callback)

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


def _nobody(_: ActorCell) -> None:
    """Receives for an actor without an incarnation."""
