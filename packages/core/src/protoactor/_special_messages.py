"""User messages that the library has a part in handling."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeAlias

from protoactor._cell import ActorCell
from protoactor._envelope import Envelope
from protoactor._stop import poison
from protoactor.messages import AutoRespond, MessageBatch, PoisonPill

__all__ = ["SpecialTypes", "unwrap"]

Special: TypeAlias = Callable[[ActorCell], Awaitable[None]]


async def unwrap(cell: ActorCell) -> None:
    """Stands for envelopes; one within another is a message like any other."""
    result = cell.receive_now(cell)
    if result is not None:
        await result


async def _touch(cell: ActorCell) -> None:
    """Let the actor see the message, then answer it for the actor."""
    message = cell.message
    result = cell.receive_now(cell)
    if result is not None:
        await result
    if cell.sender is not None:
        cell.respond(message.auto_response(cell.self))


async def _unroll(cell: ActorCell) -> None:
    """Let the parts of a batch be handled next, then the batch itself."""
    batch = cell.message
    whole = Envelope(_Whole(batch), cell.sender, cell.headers)
    cell.put_back([*batch.get_messages(), whole])


async def _whole(cell: ActorCell) -> None:
    cell.message = cell.message.batch
    result = cell.receive_now(cell)
    if result is not None:
        await result


class _Whole:
    """A batch whose parts have been handled."""

    __slots__ = ("batch",)

    def __init__(self, batch: object) -> None:
        self.batch = batch


class SpecialTypes(dict[type, Special | None]):
    """Which message types these are, and what to do; found out once per type."""

    def __missing__(self, message_type: type) -> Special | None:
        special: Special | None = None
        if issubclass(message_type, Envelope):
            special = unwrap
        elif issubclass(message_type, PoisonPill):
            special = poison
        elif issubclass(message_type, AutoRespond):
            special = _touch
        elif issubclass(message_type, MessageBatch):
            special = _unroll
        elif message_type is _Whole:
            special = _whole
        self[message_type] = special
        return special
