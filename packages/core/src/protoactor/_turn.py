"""Turns: an actor whose turn it is handles what waits for it, within a budget."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Generator, Iterable
from typing import TYPE_CHECKING, Any, Protocol

from protoactor import _lifecycle as lifecycle
from protoactor._cell import STOPPED, ActorCell
from protoactor._ending import drain, leaked_cancellation
from protoactor._envelope import TAKEN, WITHDRAWN, Envelope

if TYPE_CHECKING:
    from protoactor._dispatcher import Dispatcher
    from protoactor._spare import Spare

__all__ = ["PARK", "RENEW", "Runner", "handler_raised", "run_turns", "still_wanted"]

TURNS_PER_PASS = 512
MESSAGES_PER_LOOK = 32


class Signal:
    """What `run_turns` yields to its runner, as opposed to a future it waits for."""

    def __await__(self) -> Generator[Any, None, None]:
        yield self


PARK = Signal()
"""The pass is over: nobody is ready, or others shall have their time."""
RENEW = Signal()
"""A handler has left something in the task: the next turn needs another one."""


class Runner(Protocol):
    """Drives `run_turns`."""

    ready: deque[ActorCell]
    """Whose turn it is, in order."""
    last_turn: bool
    """Whether to end after the turn under way."""

    @property
    def spare(self) -> Spare | None:
        """The task that turns run in; `None` if there is only one turn."""
        ...


async def run_turns(runner: Runner, dispatcher: Dispatcher) -> None:
    """Give one ready actor after the other its turn, pass after pass.

    System messages go first, and between any two user messages. The clock is looked
    at after 2, 6, 14, ... and then every 32 messages of a pass: slow handlers give
    way in time, and fast ones do not pay for it.
    """
    ready = runner.ready
    while True:
        pass_ends = dispatcher.now + dispatcher.time_slice
        turns, handled = TURNS_PER_PASS, 0
        look_at_clock = pause = 2
        while ready and turns and dispatcher.now <= pass_ends:
            turns -= 1
            cell = ready.popleft()
            turn_ends = handled + dispatcher.throughput
            specials = cell.system.specials
            while True:
                if cell.system_queue is not None:
                    await lifecycle.handle_system_messages(cell)
                items: Iterable[object] | None = None
                if not cell.suspended:
                    if cell.batch is None and cell.mailbox is None:
                        items, cell.user_queue = cell.user_queue, None
                    else:
                        items = cell.take_user_messages()
                if items is None:
                    cell.scheduled = False
                    if cell.state == STOPPED:
                        drain(cell)
                    break
                receive = cell.receive_now
                batch = cell.batch = iter(items)
                for item in batch:
                    if isinstance(item, Envelope):
                        if item.deadline is not None and not still_wanted(
                            cell, item, dispatcher.time()
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
                    except BaseException as error:
                        handler_raised(cell, error)
                    if cell.receive_timer is not None:
                        cell.receive_timer.handled(message)
                    handled += 1
                    if handled == look_at_clock:
                        pause = min(pause * 2, MESSAGES_PER_LOOK)
                        look_at_clock += pause
                        dispatcher.now = dispatcher.time()
                        if dispatcher.now > pass_ends:
                            turn_ends = handled
                    if (
                        cell.system_queue is not None
                        or cell.batch is not batch
                        or cell.suspended
                        or handled >= turn_ends
                    ):
                        break
                else:
                    cell.batch = None
                cell.message = cell.envelope = None
                if handled >= turn_ends and cell.state != STOPPED:
                    dispatcher.schedule(cell)
                    break
            if runner.last_turn:
                return
            spare = runner.spare
            if spare is not None and (
                len(spare.context) or spare.task.cancelling() or spare.wake.done()
            ):
                await RENEW
        await PARK


def still_wanted(cell: ActorCell, item: Envelope, now: float) -> bool:
    """Take a message that has a deadline, unless its caller has given up."""
    if item.state == WITHDRAWN:
        return False
    if item.deadline is not None and now > item.deadline:
        item.state = WITHDRAWN
        unanswered = Envelope(item.message, None, item.headers)  # the sweep answers
        cell.system.dead_letter(cell.self, unanswered, "deadline passed in the mailbox")
        return False
    item.state = TAKEN
    return True


def handler_raised(cell: ActorCell, error: BaseException) -> None:
    """Let supervision decide; what is to end the turn or the program is raised again."""
    if isinstance(error, asyncio.CancelledError):
        error = leaked_cancellation(cell, error) or error
    if not isinstance(error, Exception):
        raise error
    lifecycle.fail(cell, error)
