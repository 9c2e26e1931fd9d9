"""Start, failure, restart and stop of one actor: what its system messages do."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from protoactor._cell import ALIVE, RESTARTING, STOPPED, STOPPING
from protoactor._ending import (
    decline,
    dispose,
    end,
    end_incarnation,
    leaked_cancellation,
)
from protoactor._pid import PID
from protoactor._spawn import incarnate
from protoactor._supervision import DEFAULT_STRATEGY, RestartStatistics
from protoactor._supervisor import CellSupervisor, supervise
from protoactor._system_messages import (
    Continuation,
    Failure,
    Restart,
    Resume,
    Stop,
    SystemMessage,
    Unwatch,
    Watch,
)
from protoactor.messages import (
    ReceiveTimeout,
    RequestFailed,
    Restarting,
    Started,
    Stopped,
    Stopping,
    Terminated,
)

if TYPE_CHECKING:
    from protoactor._cell import ActorCell

__all__ = ["fail", "handle_system_messages", "poison"]

logger = logging.getLogger("protoactor.actor")


async def handle_system_messages(cell: ActorCell) -> None:
    """Handle every queued system message, those that arrive meanwhile included."""
    while cell.system_queue is not None:
        messages, cell.system_queue = cell.system_queue, None
        for message in messages:
            if cell.state == STOPPED:
                decline(cell, message)
            else:
                await HANDLERS[type(message)](cell, message)


def fail(cell: ActorCell, error: Exception) -> None:
    """Suspend the actor, answer whoever waits, and let its supervisor decide."""
    system = cell.system
    system.statistics.failures += 1
    _answer_failed(cell, error)
    if cell.state != ALIVE:
        logger.error("%s failed while it ends", cell.pid, exc_info=error)
        return
    cell.suspended = True
    supervisor = system.supervisor_of(cell)
    supervisor.post_system(cell.pid, Failure(cell.self, error, cell.message))


def _answer_failed(cell: ActorCell, error: Exception) -> None:
    sender = cell.sender
    if sender is not None and sender.request_id:
        failed = RequestFailed(
            "failed", cell.self, type(error).__qualname__, str(error), error
        )
        cell.system.deliver(sender, failed)


async def _invoke(cell: ActorCell, message: object) -> None:
    """Let the actor handle a lifecycle message."""
    cell.message, cell.envelope = message, None
    try:
        result = cell.receive_now(cell)
        if result is not None:
            await result
    except asyncio.CancelledError as error:
        leaked = leaked_cancellation(cell, error)
        if leaked is None:
            raise
        raise leaked from error
    finally:
        cell.message = cell.envelope = None


async def _invoke_guarded(cell: ActorCell, message: object) -> None:
    """As `_invoke`, but what it raises must not keep the actor from going on."""
    try:
        await _invoke(cell, message)
    except Exception as error:
        cell.system.statistics.failures += 1
        logger.error("%s failed on %s", cell.pid, message, exc_info=error)


async def _invoke_supervised(cell: ActorCell, message: Any) -> None:
    try:
        await _invoke(cell, message)
    except Exception as error:
        cell.message = message
        fail(cell, error)
        cell.message = None


# -- stop ------------------------------------------------------------------


async def poison(cell: ActorCell) -> None:
    """Handle a poison pill: middleware sees it, the actor does not."""
    try:
        if cell.props.receive_middleware:
            result = cell.receive_now(cell)
            if result is not None:
                await result
    finally:
        cell.post_system(cell.pid, Stop())


async def _stop(cell: ActorCell, _: SystemMessage) -> None:
    if cell.state >= STOPPING:
        return
    cell.state = STOPPING
    await _invoke_guarded(cell, Stopping())
    await _stop_children(cell)


async def _stop_children(cell: ActorCell) -> None:
    for child in reversed(cell.children):
        cell.system.post_system(child, Stop())
    await _go_on_when_childless(cell)


async def _go_on_when_childless(cell: ActorCell) -> None:
    if cell.has_extras and cell.extras.children:
        return
    if cell.state == RESTARTING:
        await _reincarnate(cell)
    elif cell.state == STOPPING:
        await _finish_stop(cell)


async def _finish_stop(cell: ActorCell) -> None:
    cell.set_receive_timeout(0)
    cell.system.registry.remove(cell.pid.id)
    await _invoke_guarded(cell, Stopped())
    await _dispose(cell)
    cell.system.supervisor_of(cell).post_system(cell.pid, Terminated(cell.self))
    end(cell)


async def _dispose(cell: ActorCell) -> None:
    if cell.receive_now is not vacant:
        await dispose(cell)


# -- restart ---------------------------------------------------------------


async def _restart(cell: ActorCell, _: SystemMessage) -> None:
    if cell.state != ALIVE:
        return
    cell.state = RESTARTING
    await _invoke_guarded(cell, Restarting())
    await _stop_children(cell)


async def _reincarnate(cell: ActorCell) -> None:
    cell.set_receive_timeout(0)
    await _dispose(cell)
    end_incarnation(cell)
    cell.state = ALIVE
    try:
        incarnate(cell)
    except Exception as error:
        cell.receive_now = vacant
        fail(cell, error)
        return
    cell.system.statistics.restarted += 1
    cell.suspended = False
    await _invoke_supervised(cell, Started())
    cell.unstash_all()


def vacant(_: ActorCell) -> None:
    """Receives for an actor whose producer failed at a restart: nobody is there."""


async def _resume(cell: ActorCell, message: SystemMessage) -> None:
    if cell.receive_now is vacant:
        await _restart(cell, message)  # there is no incarnation to go on with
        return
    cell.suspended = False
    if cell.has_extras:
        escalated, cell.extras.escalated = cell.extras.escalated, set()
        for child in escalated:
            cell.system.post_system(child, Resume())


# -- watching and supervising ----------------------------------------------


async def _watch(cell: ActorCell, message: Watch) -> None:
    cell.extras.watchers[_without_request(message.watcher)] = None


async def _unwatch(cell: ActorCell, message: Unwatch) -> None:
    if cell.has_extras:
        cell.extras.watchers.pop(_without_request(message.watcher), None)


def _without_request(pid: PID) -> PID:
    return PID(pid.address, pid.id)


async def _terminated(cell: ActorCell, message: Terminated) -> None:
    if cell.has_extras:
        _forget(cell, message.who)
    await _invoke_supervised(cell, message)
    await _go_on_when_childless(cell)


def _forget(cell: ActorCell, gone: PID) -> None:
    registry, extras = cell.system.registry, cell.extras
    extras.watching.pop(gone, None)
    extras.escalated.discard(gone)
    # Another child may have got the name as soon as it was free.
    if registry.is_local(gone) and registry.local(gone.id) is None:
        extras.children.pop(gone.id, None)


async def _child_failed(cell: ActorCell, failure: Failure) -> None:
    children = cell.extras.children
    if failure.who.id not in children:
        return
    statistics = children[failure.who.id]
    if statistics is None:
        statistics = children[failure.who.id] = RestartStatistics()
    own = getattr(cell.actor, "supervisor", None)
    strategy = own or cell.props.supervisor or DEFAULT_STRATEGY
    supervise(CellSupervisor(cell), strategy, failure, statistics)


async def _continue(cell: ActorCell, message: Continuation) -> None:
    if cell.state != ALIVE or message.incarnation != cell.extras.incarnation:
        decline(cell, message)
        return
    cell.message, cell.envelope = message.message, message.envelope
    try:
        result = message.callback()
        if result is not None:
            await result
    except asyncio.CancelledError as error:
        leaked = leaked_cancellation(cell, error)
        if leaked is None:
            raise
        fail(cell, leaked)
    except Exception as error:
        fail(cell, error)
    finally:
        cell.message = cell.envelope = None


async def _lifecycle_message(cell: ActorCell, message: SystemMessage) -> None:
    await _invoke_supervised(cell, message)


async def _receive_timeout(cell: ActorCell, message: ReceiveTimeout) -> None:
    if cell.receive_timer is not None and not cell.suspended:
        await _invoke_supervised(cell, message)


HANDLERS: dict[type, Callable[[ActorCell, Any], Awaitable[None]]] = {
    Started: _lifecycle_message,
    ReceiveTimeout: _receive_timeout,
    Stop: _stop,
    Restart: _restart,
    Resume: _resume,
    Watch: _watch,
    Unwatch: _unwatch,
    Terminated: _terminated,
    Failure: _child_failed,
    Continuation: _continue,
}
