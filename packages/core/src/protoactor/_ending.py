"""What an actor leaves behind when it ends, or when its incarnation does."""

from __future__ import annotations

import asyncio
import inspect
import logging
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from protoactor._cell import STOPPED
from protoactor._envelope import Envelope
from protoactor._failure import leaked_cancellation
from protoactor._system_messages import (
    Continuation,
    Stop,
    SystemMessage,
    Unwatch,
    Watch,
)
from protoactor.messages import RequestFailed, Terminated

if TYPE_CHECKING:
    from protoactor._cell import ActorCell

__all__ = [
    "abandon",
    "decline",
    "dispose",
    "drain",
    "end",
    "end_incarnation",
]

logger = logging.getLogger("protoactor.actor")


def end(cell: ActorCell) -> None:
    """Tell whoever watches, and lose nothing that was accepted."""
    if cell.state == STOPPED:
        return
    system, gone = cell.system, Terminated(cell.self)
    cell.state = STOPPED
    cell.suspend()
    system.statistics.stopped += 1
    if cell.has_extras:
        end_incarnation(cell)
        for watched in cell.extras.watching:
            system.post_system(watched, Unwatch(cell.self))
        for watcher in cell.extras.watchers:
            system.post_system(watcher, gone)
    drain(cell)


def abandon(cell: ActorCell) -> None:
    """End an actor that cannot do so itself: it never began, or hangs in a handler."""
    cell.suspend()
    cell.set_receive_timeout(0)
    cell.system.registry.remove(cell.pid.id)
    for child in cell.children:
        cell.system.post_system(child, Stop())
    end(cell)


def end_incarnation(cell: ActorCell) -> None:
    """Drop timers and what `reenter_after` waits for; whoever asked hears of it."""
    extras = cell.extras
    extras.incarnation += 1
    reentries, extras.reentries = extras.reentries, {}
    for future, envelope in reentries.values():
        if future is not None:
            future.cancel()
        _answer_stopped(cell, envelope)
    if extras.scheduler is not None:
        extras.scheduler.cancel_all()


def decline(cell: ActorCell, message: SystemMessage) -> None:
    """Answer a system message that came too late for the actor to handle it."""
    match message:
        case Watch(watcher) if watcher not in cell.extras.watchers:
            cell.extras.watchers[watcher] = None
            cell.system.post_system(watcher, Terminated(cell.self))
        case Continuation(envelope=envelope):
            _answer_stopped(cell, envelope)
        case _:
            pass


async def dispose(cell: ActorCell) -> None:
    """Let the actor release what it holds."""
    if cell.vacant:
        return
    method: Callable[[], Awaitable[None] | None] | None
    method = getattr(cell.actor, "dispose", None)
    if method is None:
        return
    try:
        result = method()
        if inspect.isawaitable(result):
            await result
    except asyncio.CancelledError as error:
        if leaked_cancellation(cell, error) is None:
            raise
        logger.error("%s was cancelled in dispose()", cell.pid, exc_info=error)
    except Exception as error:
        logger.error("%s failed in dispose()", cell.pid, exc_info=error)


def drain(cell: ActorCell) -> None:
    """Make dead letters of what a stopped actor has left, its turn's rest included."""
    system, pid = cell.system, cell.self
    cell.unstash_all()
    while (items := cell.take_user_messages()) is not None:
        for item in items:
            system.dead_letter(pid, item, "actor stopped")
    leftover, cell.system_queue = cell.system_queue or [], None
    for message in leftover:
        decline(cell, message)


def _answer_stopped(cell: ActorCell, envelope: Envelope | None) -> None:
    sender = envelope.sender if envelope else None
    if sender is not None and sender.request_id:
        cell.system.deliver(sender, RequestFailed("stopped", cell.self))
