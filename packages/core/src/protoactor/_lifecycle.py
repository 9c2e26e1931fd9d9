"""What the system messages of an actor do."""

from __future__ import annotations

import contextvars
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from protoactor._cell import ALIVE, RESTARTING, STOPPED, STOPPING
from protoactor._ending import decline
from protoactor._failure import handler_raised
from protoactor._invocation import invoke
from protoactor._restart import reincarnate, restart, resume
from protoactor._stop import finish_stop, stop
from protoactor._supervision import DEFAULT_STRATEGY, RestartStatistics
from protoactor._supervisor import CellSupervisor, supervise
from protoactor._system_messages import (
    Continuation,
    Failure,
    Restart,
    Resume,
    Stop,
    Unwatch,
    Watch,
)
from protoactor._watch import forget, unwatch, watch
from protoactor.messages import ReceiveTimeout, Started, Terminated

if TYPE_CHECKING:
    from protoactor._cell import ActorCell

__all__ = ["handle_system_messages"]


async def handle_system_messages(cell: ActorCell, context: contextvars.Context) -> None:
    """Handle queued system messages, those that arrive meanwhile included.

    Ends early when a handler has left something in `context`.
    """
    while cell.system_queue is not None:
        messages, cell.system_queue = cell.system_queue, None
        for number, message in enumerate(messages, 1):
            if cell.state == STOPPED:
                decline(cell, message)
                continue
            result = HANDLERS[type(message)](cell, message)
            if result is not None:
                await result
            if context and cell.state != STOPPED:
                if later := messages[number:]:
                    cell.system_queue = later + (cell.system_queue or [])
                return


async def _terminated(cell: ActorCell, message: Terminated) -> None:
    if cell.has_extras:
        forget(cell, message.who)
    handled = invoke(cell, message)
    if handled is not None:
        await handled
    if cell.childless and cell.state == RESTARTING:
        await reincarnate(cell)
    elif cell.childless and cell.state == STOPPING:
        await finish_stop(cell)


def _child_failed(cell: ActorCell, failure: Failure) -> None:
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
    except BaseException as error:
        handler_raised(cell, error)
    finally:
        cell.message = cell.envelope = None


def _receive_timeout(
    cell: ActorCell, message: ReceiveTimeout
) -> Awaitable[None] | None:
    if cell.receive_timer is None or cell.suspended:
        return None
    return invoke(cell, message)


HANDLERS: dict[type, Callable[[ActorCell, Any], Awaitable[None] | None]] = {
    Started: invoke,
    ReceiveTimeout: _receive_timeout,
    Stop: stop,
    Restart: restart,
    Resume: resume,
    Watch: watch,
    Unwatch: unwatch,
    Terminated: _terminated,
    Failure: _child_failed,
    Continuation: _continue,
}
