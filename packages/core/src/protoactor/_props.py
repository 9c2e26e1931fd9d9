"""The recipe for an actor."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from protoactor._actor import Actor, FunctionActor, ReceiveFunction

if TYPE_CHECKING:
    from protoactor._context import Context
    from protoactor._dispatcher import ActorDispatcher
    from protoactor._mailbox import Mailbox
    from protoactor._pid import PID
    from protoactor._supervision import SupervisorStrategy
    from protoactor._system import ActorSystem
    from protoactor.middleware import (
        ReceiveMiddleware,
        SendMiddleware,
        SpawnMiddleware,
    )

__all__ = ["PLAIN", "Producer", "Props", "Spawnable", "check_producer"]

Producer: TypeAlias = Callable[[], Actor]
ContextDecorator: TypeAlias = "Callable[[Context], Context]"
SpawnFunction: TypeAlias = "Callable[[ActorSystem, str, Props, PID | None], PID]"


@dataclass(frozen=True)
class Props:
    """How to make an actor, and under which conditions it runs.

    `producer` is called in the spawner's turn, and again at every restart. The
    first middleware or decorator of a list is the outermost. Change a copy with
    `dataclasses.replace`.
    """

    producer: Callable[..., Actor]
    mailbox: Callable[[], Mailbox] | None = None
    """Makes the mailbox; `None` is unbounded, and the fastest."""
    dispatcher: ActorDispatcher | None = None
    """Runs the actor; `None` is the system's."""
    supervisor: SupervisorStrategy | None = None
    """Decides about failed children; `None` is `OneForOne()`."""
    guardian: SupervisorStrategy | None = None
    """Decides about this actor's own failures; only for `system.spawn`."""
    receive_middleware: Sequence[ReceiveMiddleware] = ()
    send_middleware: Sequence[SendMiddleware] = ()
    spawn_middleware: Sequence[SpawnMiddleware] = ()
    """Wraps the spawning of this actor's children."""
    context_decorators: Sequence[ContextDecorator] = ()
    on_spawn: Sequence[Callable[[Context], None]] = ()
    """Called with the context after registration, before `Started`."""
    spawner: SpawnFunction | None = None
    """Replaces the whole spawning, as routers do."""
    takes_context: bool = False

    @classmethod
    def from_function(cls, receive: ReceiveFunction, **options: Any) -> Props:
        """An actor that is one function of its context."""
        return cls(lambda: FunctionActor(receive), **options)

    @classmethod
    def from_context(
        cls, producer: Callable[[Context], Actor], **options: Any
    ) -> Props:
        """A producer that is given the new actor's context."""
        return cls(producer, takes_context=True, **options)

    @classmethod
    def of(cls, actor: Spawnable) -> Props:
        """`actor` itself if it is props, else props with it as producer."""
        if isinstance(actor, Props):
            return actor
        return cls(check_producer(actor))


Spawnable: TypeAlias = Props | Producer
"""What `spawn` accepts: props, or any callable that makes an actor."""


def check_producer(actor: Producer) -> Producer:
    """The same callable; raises `TypeError` if it is none."""
    if callable(actor):
        return actor
    raise TypeError(
        f"cannot spawn {actor!r}: pass its class, a function that makes an actor, "
        "or Props"
    )


PLAIN = Props(Actor)
"""What actors run under that were spawned without props, but for the producer."""
