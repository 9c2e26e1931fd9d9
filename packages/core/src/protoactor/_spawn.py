"""Makes actors: at spawn, and again at every restart."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import reduce
from typing import TYPE_CHECKING, Any

from protoactor._actor import Actor
from protoactor._cell import ActorCell
from protoactor._context import Context
from protoactor._ending import abandon
from protoactor._envelope import Envelope
from protoactor._pid import PID
from protoactor._props import Producer, Props
from protoactor.errors import NameTaken
from protoactor.messages import PoisonPill
from protoactor.middleware import Received, chain

if TYPE_CHECKING:
    from protoactor._system import ActorSystem

__all__ = ["incarnate", "start_actor"]


def start_actor(
    system: ActorSystem,
    id: str,
    props: Props,
    parent: PID | None,
    producer: Producer | None = None,
    new_cell: Callable[..., ActorCell] = ActorCell,
) -> PID:
    """Register a new actor and let it start; raises `NameTaken`.

    `producer` is used instead of that of the props, which many actors may share.
    If the producer or a hook raises, nothing stays registered.
    """
    pid = system.registry.pid(id)
    if system.registry.local(id) is not None:
        raise NameTaken(pid)
    cell = new_cell(system, props, pid, parent, producer or props.producer)
    incarnate(cell)
    if not system.registry.add(id, cell):
        raise NameTaken(pid)  # the producer itself has taken the name
    system.statistics.spawned += 1
    try:
        for hook in props.on_spawn:
            hook(cell)
    except BaseException:
        abandon(cell)
        raise
    cell.start()
    return pid


def incarnate(cell: ActorCell) -> None:
    """Make the actor, and the function that lets it handle the current message."""
    props = cell.props
    cell.actor = cell.producer(cell) if props.takes_context else cell.producer()
    receive = _receive_of(cell.actor)
    if props.dispatcher is not None:
        receive = props.dispatcher.receiver(receive)
    if props.context_decorators:
        receive = _decorated(cell, receive)
    if props.receive_middleware:
        receive = _with_middleware(cell, receive)
    cell.receive_now = receive


def _receive_of(actor: object) -> Callable[[Any], Awaitable[None] | None]:
    found: Any = getattr(actor, "receive", None)
    if found is None or getattr(found, "__func__", None) is Actor.receive:
        raise TypeError(f"the producer made {actor!r}, which has no receive method")
    receive: Callable[[Any], Awaitable[None] | None] = found
    return receive


def _decorated(
    cell: ActorCell, receive: Callable[[Any], Awaitable[None] | None]
) -> Callable[[Any], Awaitable[None] | None]:
    inner: Context = cell
    context = reduce(
        lambda inner, decorate: decorate(inner),
        reversed(cell.props.context_decorators),
        inner,
    )
    return lambda _: receive(context)


def _with_middleware(
    cell: ActorCell, receive: Callable[[Any], Awaitable[None] | None]
) -> Callable[[Any], Awaitable[None] | None]:
    async def handle(call: Received) -> None:
        if isinstance(call.envelope.message, PoisonPill):
            return
        cell.envelope, cell.message = call.envelope, call.envelope.message
        result = receive(cell)
        if result is not None:
            await result

    handler = chain(cell.props.receive_middleware, handle)
    return lambda cell: handler(Received(cell, cell.envelope or Envelope(cell.message)))
