"""What a user writes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from protoactor._context import Context

__all__ = ["Actor", "FunctionActor", "ReceiveFunction", "actor_type"]

ReceiveFunction: TypeAlias = "Callable[[Context], Awaitable[None] | None]"


class Actor:
    """Handles one message at a time; override `receive`.

    `receive` may be `async def` or plain `def`. A subclass may also have a
    `supervisor` attribute (a strategy for its children) and an (async) method
    `dispose`, called after `Stopped` and before a restart replaces the instance.
    """

    def receive(self, context: Context, /) -> Awaitable[None] | None:
        """Handle `context.message`; what is raised goes to supervision."""
        raise NotImplementedError(f"{type(self).__qualname__} has no receive method")


class FunctionActor(Actor):
    """An actor that is one function."""

    __slots__ = ("_receive",)

    def __init__(self, receive: ReceiveFunction) -> None:
        self._receive = receive

    def receive(self, context: Context, /) -> Awaitable[None] | None:
        return self._receive(context)


def actor_type(actor: object) -> str:
    """What telemetry calls an actor: its class, or what it says itself."""
    return getattr(actor, "__actor_type__", None) or type(actor).__name__
