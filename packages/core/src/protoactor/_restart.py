"""The restart of an actor: a new incarnation, once its children have stopped."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protoactor._cell import ALIVE, RESTARTING
from protoactor._ending import dispose, end_incarnation
from protoactor._failure import fail
from protoactor._invocation import invoke, invoke_guarded
from protoactor._spawn import incarnate
from protoactor._stop import stop_children
from protoactor._system_messages import Resume, SystemMessage
from protoactor.messages import Restarting, Started

if TYPE_CHECKING:
    from protoactor._cell import ActorCell

__all__ = ["reincarnate", "restart", "resume"]


async def restart(cell: ActorCell, _: SystemMessage) -> None:
    """Begin to restart; without children that is all of it."""
    if cell.state != ALIVE:
        return
    cell.state = RESTARTING
    await invoke_guarded(cell, Restarting())
    stop_children(cell)
    if cell.childless:
        await reincarnate(cell)


async def reincarnate(cell: ActorCell) -> None:
    """Replace the old instance, now that its children are gone."""
    cell.set_receive_timeout(0)
    await dispose(cell)
    end_incarnation(cell)
    cell.state = ALIVE
    try:
        incarnate(cell)
    except Exception as error:
        cell.vacate()
        fail(cell, error)
        return
    cell.system.statistics.restarted += 1
    cell.suspended = False
    started = invoke(cell, Started())
    if started is not None:
        await started
    cell.unstash_all()


async def resume(cell: ActorCell, message: SystemMessage) -> None:
    """Go on after a failure, and let the children that it came from go on."""
    if cell.vacant:
        await restart(cell, message)  # there is no incarnation to go on with
        return
    cell.suspended = False
    if cell.has_extras:
        escalated, cell.extras.escalated = cell.extras.escalated, set()
        for child in escalated:
            cell.system.post_system(child, Resume())
