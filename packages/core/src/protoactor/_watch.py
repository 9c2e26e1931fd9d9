"""Watching an actor, and hearing of the end of a watched one or of a child."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protoactor._pid import PID
from protoactor._system_messages import Unwatch, Watch

if TYPE_CHECKING:
    from protoactor._cell import ActorCell

__all__ = ["forget", "unwatch", "watch"]


def watch(cell: ActorCell, message: Watch) -> None:
    cell.extras.watchers[_without_request(message.watcher)] = None


def unwatch(cell: ActorCell, message: Unwatch) -> None:
    if cell.has_extras:
        cell.extras.watchers.pop(_without_request(message.watcher), None)


def _without_request(pid: PID) -> PID:
    return PID(pid.address, pid.id)


def forget(cell: ActorCell, gone: PID) -> None:
    """Neither watch nor supervise who has ended."""
    registry, extras = cell.system.registry, cell.extras
    extras.watching.pop(gone, None)
    extras.escalated.discard(gone)
    # Another child may have got the name as soon as it was free.
    if registry.is_local(gone) and registry.local(gone.id) is None:
        extras.children.pop(gone.id, None)
