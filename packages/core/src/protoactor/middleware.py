"""Seams around receiving, sending and spawning; tracing uses them too.

A middleware takes the call and the next handler, and decides whether, when and
with what to go on:

>>> async def traced(call: Received, next: ReceiveHandler) -> None:
...     with tracer.start_as_current_span(type(call.envelope.message).__name__):
...         await next(call)
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from protoactor._envelope import Envelope
from protoactor._pid import PID

if TYPE_CHECKING:
    from protoactor._context import Context
    from protoactor._props import Props
    from protoactor._system import ActorSystem

__all__ = [
    "ReceiveHandler",
    "ReceiveMiddleware",
    "Received",
    "SendHandler",
    "SendMiddleware",
    "Sent",
    "SpawnHandler",
    "SpawnMiddleware",
    "Spawned",
    "chain",
]


@dataclass(frozen=True, slots=True)
class Received:
    """A message about to be handled, lifecycle messages included."""

    context: Context
    envelope: Envelope


@dataclass(frozen=True, slots=True)
class Sent:
    """A message about to be sent; `context` is `None` outside of actors."""

    system: ActorSystem
    context: Context | None
    target: PID
    envelope: Envelope


@dataclass(frozen=True, slots=True)
class Spawned:
    """An actor about to be spawned; `context` is `None` outside of actors."""

    context: Context | None
    id: str
    props: Props


ReceiveHandler: TypeAlias = Callable[[Received], Awaitable[None]]
ReceiveMiddleware: TypeAlias = Callable[[Received, ReceiveHandler], Awaitable[None]]
SendHandler: TypeAlias = Callable[[Sent], None]
SendMiddleware: TypeAlias = Callable[[Sent, SendHandler], None]
SpawnHandler: TypeAlias = Callable[[Spawned], PID]
SpawnMiddleware: TypeAlias = Callable[[Spawned, SpawnHandler], PID]

CallT = TypeVar("CallT")
ResultT = TypeVar("ResultT")


def chain(
    middleware: Sequence[Callable[[CallT, Callable[[CallT], ResultT]], ResultT]],
    handler: Callable[[CallT], ResultT],
) -> Callable[[CallT], ResultT]:
    """One handler that passes through all of `middleware`, the first outermost."""
    return reduce(_wrap, reversed(middleware), handler)


def _wrap(handler: Any, middleware: Any) -> Any:
    def call(value: Any) -> Any:
        return middleware(value, handler)

    return call
