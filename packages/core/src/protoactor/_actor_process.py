"""An actor as a process: its queues, its state, its place in the line."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Iterator
from operator import length_hint
from typing import TYPE_CHECKING, Any

from protoactor._actor import Actor
from protoactor._backlog import Backlog
from protoactor._envelope import Envelope
from protoactor._extras import Extras
from protoactor._pid import PID
from protoactor._props import Props
from protoactor._receive_timeout import ReceiveTimer
from protoactor._system_messages import SystemMessage
from protoactor.messages import Started

if TYPE_CHECKING:
    from protoactor._dispatcher import ActorDispatcher, Dispatcher
    from protoactor._mailbox import Mailbox
    from protoactor._system import ActorSystem

__all__ = ["ALIVE", "RESTARTING", "STOPPED", "STOPPING", "ActorProcess"]

ALIVE, RESTARTING, STOPPING, STOPPED = range(4)
START: list[SystemMessage] = [Started()]
"""The system queue of every actor that has yet to begin; nothing is ever added."""


class ActorProcess:
    """Takes messages for an actor, and keeps them until its turn comes."""

    __slots__ = (
        "_extras",
        "_parent",
        "actor",
        "batch",
        "dispatcher",
        "envelope",
        "interrupted",
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
    receive_now: Callable[[Any], Awaitable[None] | None]

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
        self.interrupted = False
        """Whether a turn must look up from its user messages."""
        self.scheduled = False
        self.user_queue: list[object] | None = None
        self.system_queue: list[SystemMessage] | None = None
        self.batch: Iterator[object] | None = None
        self.message: Any = None
        self.envelope: Envelope | None = None
        self.receive_timer: ReceiveTimer | None = None
        self._extras: Extras | None = None

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
            self.dispatcher.schedule(self)  # type: ignore[arg-type] # it is an ActorCell

    def start(self) -> None:
        """Let `Started` be handled; most actors share the queue it waits in."""
        if self.system_queue is None:
            self.system_queue = START
        else:
            self.post_system(self.pid, START[0])
        if not self.scheduled:
            self.scheduled = True
            self.dispatcher.schedule(self)  # type: ignore[arg-type] # it is an ActorCell

    def post_system(self, target: PID, message: SystemMessage) -> None:
        queue = self.system_queue
        if queue is None:
            self.system_queue = [message]
        elif queue is START:
            self.system_queue = [*START, message]
        else:
            queue.append(message)
        self.interrupted = True
        if not self.scheduled:
            self.scheduled = True
            self.dispatcher.schedule(self)  # type: ignore[arg-type] # it is an ActorCell

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

    def suspend(self) -> None:
        """Handle no user messages any more."""
        self.suspended = self.interrupted = True

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

    def put_back(self, items: list[object]) -> None:
        """Let these be handled next, before everything queued."""
        batch = self.batch
        if not isinstance(batch, Backlog):
            batch = self.batch = Backlog(batch or ())
        batch.put_first(items)
        self.interrupted = True
        if not self.scheduled:
            self.scheduled = True
            self.dispatcher.schedule(self)  # type: ignore[arg-type] # it is an ActorCell


def _nobody(_: object) -> None:
    """Receives for an actor without an incarnation."""
