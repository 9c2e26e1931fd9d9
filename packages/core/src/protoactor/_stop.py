"""The stop of an actor: its own, once its children have stopped."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protoactor._cell import STOPPING
from protoactor._ending import dispose, end
from protoactor._invocation import invoke_guarded
from protoactor._system_messages import Stop, SystemMessage
from protoactor.messages import Stopped, Stopping, Terminated

if TYPE_CHECKING:
    from protoactor._cell import ActorCell

__all__ = ["finish_stop", "poison", "stop", "stop_children"]


async def poison(cell: ActorCell) -> None:
    """Handle a poison pill: middleware sees it, the actor does not."""
    try:
        if cell.props.receive_middleware:
            result = cell.receive_now(cell)
            if result is not None:
                await result
    finally:
        cell.post_system(cell.pid, Stop())


async def stop(cell: ActorCell, _: SystemMessage) -> None:
    """Begin to stop; without children that is all of it."""
    if cell.state >= STOPPING:
        return
    cell.state = STOPPING
    await invoke_guarded(cell, Stopping())
    stop_children(cell)
    if cell.childless:
        await finish_stop(cell)


def stop_children(cell: ActorCell) -> None:
    """Ask all children to stop, the youngest first."""
    for child in reversed(cell.children):
        cell.system.post_system(child, Stop())


async def finish_stop(cell: ActorCell) -> None:
    """End the actor: it is the last of its family."""
    cell.set_receive_timeout(0)
    cell.system.registry.remove(cell.pid.id)
    await invoke_guarded(cell, Stopped())
    await dispose(cell)
    cell.system.supervisor_of(cell).post_system(cell.pid, Terminated(cell.self))
    end(cell)
