"""One turn of one actor: handle what waits, within a budget."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import TYPE_CHECKING, TypeAlias

from protoactor import _lifecycle as lifecycle
from protoactor._cell import STOPPED, ActorCell
from protoactor._ending import leaked_cancellation
from protoactor._envelope import TAKEN, WITHDRAWN, Envelope
from protoactor.messages import AutoRespond, MessageBatch, PoisonPill

if TYPE_CHECKING:
    from protoactor._dispatcher import Dispatcher

__all__ = ["SpecialTypes", "run_turn"]

Special: TypeAlias = Callable[[ActorCell], Awaitable[None]]


async def run_turn(cell: ActorCell, dispatcher: Dispatcher) -> bool:
    """Handle what waits; true if the budget ended before the messages did.

    System messages go first, and between any two user messages. The clock is
    read after 1, 2, 4, 8, ... messages, so that slow handlers give way in time
    and fast ones do not pay for it.
    """
    budget = dispatcher.throughput
    give_way = dispatcher.now + dispatcher.time_slice
    handled, look_at_clock = 0, 1
    specials = cell.system.specials
    while True:
        if cell.system_queue is not None:
            await lifecycle.handle_system_messages(cell)
        items: Iterable[object] | None = None
        if not cell.suspended and cell.state != STOPPED:
            items = cell.take_user_messages()
        if items is None:
            cell.scheduled = False
            return False
        iterator = cell.batch = iter(items)
        receive = cell.receive_now
        for item in iterator:
            if type(item) is Envelope:
                deadline = item.deadline
                if deadline is not None and not _still_wanted(
                    cell, item, dispatcher.time() > deadline
                ):
                    continue
                cell.envelope = item
                cell.message = message = item.message
            else:
                cell.envelope = None
                cell.message = message = item
            try:
                special = specials[type(message)]
                if special is None:
                    result = receive(cell)
                    if result is not None:
                        await result
                else:
                    await special(cell)
            except Exception as error:
                lifecycle.fail(cell, error)
            except BaseException as error:
                if not _leaked(cell, error):
                    raise
            if cell.receive_timer is not None:
                cell.receive_timer.handled(message)
            handled += 1
            if handled == look_at_clock:
                look_at_clock *= 2
                dispatcher.now = dispatcher.time()
                if dispatcher.now >= give_way:
                    budget = handled
            if (
                cell.system_queue is not None
                or cell.batch is not iterator
                or cell.suspended
                or handled >= budget
            ):
                break
        else:
            cell.batch = None
        cell.message = cell.envelope = None
        if handled >= budget:
            return True


def _still_wanted(cell: ActorCell, item: Envelope, expired: bool) -> bool:
    """Take a message with a deadline, unless its caller has given up."""
    if item.state == WITHDRAWN:
        return False
    if expired:
        item.state = WITHDRAWN
        unanswered = Envelope(item.message, None, item.headers)  # the sweep answers
        cell.system.dead_letter(cell.self, unanswered, "deadline passed in the mailbox")
        return False
    item.state = TAKEN
    return True


def _leaked(cell: ActorCell, error: BaseException) -> bool:
    """Supervise a `CancelledError` out of user code; false if it ends the turn."""
    if not isinstance(error, asyncio.CancelledError):
        return False
    leaked = leaked_cancellation(cell, error)
    if leaked is None:
        return False
    lifecycle.fail(cell, leaked)
    return True


async def _touch(cell: ActorCell) -> None:
    """Let the actor see the message, then answer it for the actor."""
    message = cell.message
    result = cell.receive_now(cell)
    if result is not None:
        await result
    if cell.sender is not None:
        cell.respond(message.auto_response(cell.self))


async def _poison(cell: ActorCell) -> None:
    await lifecycle.poison(cell)


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
    """Which message types the library handles itself; found out once per type."""

    def __missing__(self, message_type: type) -> Special | None:
        special: Special | None = None
        if issubclass(message_type, PoisonPill):
            special = _poison
        elif issubclass(message_type, AutoRespond):
            special = _touch
        elif issubclass(message_type, MessageBatch):
            special = _unroll
        elif message_type is _Whole:
            special = _whole
        self[message_type] = special
        return special
