"""Turns: an actor whose turn it is handles what waits for it, within a budget."""

from __future__ import annotations

import contextvars
from collections import deque
from collections.abc import Generator, Iterable
from typing import TYPE_CHECKING, Any, Protocol

from protoactor._cell import STOPPED, ActorCell
from protoactor._ending import drain
from protoactor._envelope import TAKEN, WITHDRAWN, Envelope
from protoactor._failure import handler_raised
from protoactor._lifecycle import handle_system_messages
from protoactor._special_messages import unwrap

if TYPE_CHECKING:
    from protoactor._dispatcher import Dispatcher
    from protoactor._spare import Spare

__all__ = ["PARK", "RENEW", "Runner", "run_turns"]

TURNS_PER_PASS = 512
MESSAGES_PER_LOOK = 32


class Signal:
    """What `run_turns` yields to its runner, as opposed to a future it waits for."""

    def __await__(self) -> Generator[Signal, None, None]:
        return iter((self,))  # type: ignore[return-value] # cheaper than a generator


PARK = Signal()
"""The pass is over: nobody is ready, or others shall have their time."""
RENEW = Signal()
"""A handler has left something in the task: the next turn needs another one."""


class Runner(Protocol):
    """Drives `run_turns`."""

    ready: deque[ActorCell]
    """Whose turn it is, in order."""
    context: contextvars.Context
    """The one that handlers run in."""
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
    ready, time, specials = runner.ready, dispatcher.time, dispatcher.specials
    while True:
        pass_ends = dispatcher.now + dispatcher.time_slice
        turns, handled = TURNS_PER_PASS, 0
        look_at_clock = pause = 2
        while ready and turns and dispatcher.now <= pass_ends:
            turns -= 1
            cell = ready.popleft()
            context = runner.context
            turn_ends = handled + dispatcher.throughput
            while True:
                cell.interrupted = False
                if cell.system_queue is not None:
                    await handle_system_messages(cell, context)
                    if context and cell.state != STOPPED:
                        dispatcher.schedule(cell)
                        break
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
                    special = specials[type(item)]
                    if special is not unwrap:
                        cell.envelope = None
                        cell.message = message = item
                    else:
                        envelope: Any = item
                        deadline = envelope.deadline
                        if deadline is not None:
                            if envelope.state == WITHDRAWN:
                                continue
                            if time() > deadline:
                                expire(cell, envelope)
                                continue
                            envelope.state = TAKEN
                        cell.envelope = envelope
                        cell.message = message = envelope.message
                        special = specials[type(message)]
                    try:
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
                        dispatcher.now = time()
                        if dispatcher.now > pass_ends:
                            turn_ends = handled
                    if cell.interrupted or context or handled >= turn_ends:
                        break
                else:
                    cell.batch = None
                cell.message = cell.envelope = None
                if (context or handled >= turn_ends) and cell.state != STOPPED:
                    dispatcher.schedule(cell)
                    break
            if runner.last_turn:
                return
            spare = runner.spare
            if spare is not None and (
                context or spare.task.cancelling() or spare.wake.done()
            ):
                await RENEW
        await PARK


def expire(cell: ActorCell, item: Envelope) -> None:
    """Drop a message whose caller has given up."""
    item.state = WITHDRAWN
    unanswered = Envelope(item.message, None, item.headers)  # the sweep answers
    cell.system.dead_letter(cell.self, unanswered, "deadline passed in the mailbox")
