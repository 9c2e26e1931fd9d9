"""Lets an actor handle a message of its lifecycle."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable
from typing import TYPE_CHECKING, Any

from protoactor._failure import handler_raised, leaked_cancellation

if TYPE_CHECKING:
    from protoactor._cell import ActorCell

__all__ = ["invoke", "invoke_guarded"]

logger = logging.getLogger("protoactor.actor")


def invoke(cell: ActorCell, message: Any) -> Awaitable[None] | None:
    """What the handler raises goes to supervision."""
    cell.message, cell.envelope = message, None
    try:
        result = cell.receive_now(cell)
    except Exception as error:
        _failed(cell, message, error)
    else:
        if result is not None:
            return _finish(cell, message, result)
    cell.message = cell.envelope = None
    return None


async def _finish(cell: ActorCell, message: object, result: Awaitable[None]) -> None:
    try:
        await result
    except BaseException as error:
        _failed(cell, message, error)
    finally:
        cell.message = cell.envelope = None


def _failed(cell: ActorCell, message: object, error: BaseException) -> None:
    cell.message, cell.envelope = message, None
    handler_raised(cell, error)


async def invoke_guarded(cell: ActorCell, message: object) -> None:
    """What the handler raises must not keep the actor from going on."""
    cell.message, cell.envelope = message, None
    try:
        result = cell.receive_now(cell)
        if result is not None:
            await result
    except asyncio.CancelledError as error:
        leaked = leaked_cancellation(cell, error)
        if leaked is None:
            raise
        _note(cell, message, leaked)
    except Exception as error:
        _note(cell, message, error)
    finally:
        cell.message = cell.envelope = None


def _note(cell: ActorCell, message: object, error: Exception) -> None:
    cell.system.statistics.failures += 1
    logger.error("%s failed on %s", cell.pid, message, exc_info=error)
