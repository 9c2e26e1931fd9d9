"""What happens to an actor whose handler raises."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from protoactor._system_messages import Failure
from protoactor.errors import HandlerCancelled
from protoactor.messages import RequestFailed

if TYPE_CHECKING:
    from protoactor._cell import ActorCell

__all__ = ["fail", "handler_raised", "leaked_cancellation"]

logger = logging.getLogger("protoactor.actor")


def handler_raised(cell: ActorCell, error: BaseException) -> None:
    """Let supervision decide; what is to end the turn or the program is raised again."""
    if isinstance(error, asyncio.CancelledError):
        error = leaked_cancellation(cell, error) or error
    if not isinstance(error, Exception):
        raise error
    fail(cell, error)


def leaked_cancellation(
    cell: ActorCell, error: asyncio.CancelledError
) -> HandlerCancelled | None:
    """What a `CancelledError` out of user code means; none if the system closes."""
    if cell.system.dispatcher.closing:
        return None
    leaked = HandlerCancelled(f"a handler of {cell.pid} was cancelled from within")
    leaked.__cause__ = error
    return leaked


def fail(cell: ActorCell, error: Exception) -> None:
    """Suspend the actor, answer whoever waits, and let its supervisor decide."""
    system = cell.system
    system.statistics.failures += 1
    _answer_failed(cell, error)
    if not cell.alive:
        logger.error("%s failed while it ends", cell.pid, exc_info=error)
        return
    cell.suspend()
    supervisor = system.supervisor_of(cell)
    supervisor.post_system(cell.pid, Failure(cell.self, error, cell.message))


def _answer_failed(cell: ActorCell, error: Exception) -> None:
    sender = cell.sender
    if sender is not None and sender.request_id:
        failed = RequestFailed(
            "failed", cell.self, type(error).__qualname__, str(error), error
        )
        cell.system.deliver(sender, failed)
