"""Drains all ready actors in one callback of the loop.

Measured, a task per actor or per message costs 4 to 28 times as much. One coroutine,
the pump, awaits handler after handler. It is driven by hand, while a spare task is
the current one, so that `asyncio.timeout()` and the like work in handlers. When a
handler suspends, the spare task adopts the pump, finishes that actor's turn as an
ordinary task, and returns to the pool; the callback goes on with a fresh pump.

Every spare has a `contextvars` context that is empty when a handler begins: what one
leaves behind in it, or in the task, ends the turn and retires the spare, so nothing
leaks into another message.
"""

from __future__ import annotations

import asyncio
import contextvars
from collections import deque
from typing import TYPE_CHECKING, Any

from protoactor._begun import adopt
from protoactor._cancellation import cancel_all
from protoactor._clock import clock_of
from protoactor._current_task import swap_current_task
from protoactor._spare import Spare
from protoactor._special_messages import SpecialTypes
from protoactor._turn import PARK, RENEW, run_turns

if TYPE_CHECKING:
    from protoactor._cell import ActorCell

__all__ = ["PumpDispatcher"]

MAX_SPARES = 64
PASSES_PER_LOOP_TURN = 256


class Pump:
    """Runs turns until a handler suspends; then a spare task finishes that turn."""

    __slots__ = ("context", "coroutine", "last_turn", "ready", "spare", "step")

    spare: Spare
    context: contextvars.Context

    def __init__(
        self, dispatcher: PumpDispatcher, ready: deque[ActorCell], spare: Spare
    ) -> None:
        self.ready = ready
        self.last_turn = False
        self.use(spare)
        self.coroutine = run_turns(self, dispatcher)
        self.step = self.coroutine.send

    def use(self, spare: Spare) -> None:
        """Run the turns from now on in this task."""
        self.spare, self.context = spare, spare.context


class PumpDispatcher:
    """Runs ready actors, in order, from one callback of the loop."""

    def __init__(self, *, throughput: int = 300, time_slice: float = 0.005) -> None:
        self.throughput = throughput
        self.time_slice = time_slice
        self.closing = False
        self.specials = SpecialTypes()
        self.loop = asyncio.get_running_loop()
        self.time = clock_of(self.loop)
        self.now = self.time()
        self.spares: list[Spare] = []
        self._empty = contextvars.Context()
        self._tasks: set[asyncio.Task[None]] = set()
        self._ready: deque[ActorCell] = deque()
        self._pump: Pump | None = None
        self._armed = False
        self._draining = False
        self._inline_passes = 0
        self._inline_until = 0.0

    @property
    def wants_spares(self) -> bool:
        return not self.closing and len(self.spares) < MAX_SPARES

    def schedule(self, cell: ActorCell) -> None:
        self._ready.append(cell)
        if not self._armed:
            self._arm()

    def _arm(self) -> None:
        if not self.closing:
            self._armed = True
            self.loop.call_soon(self._drain, context=self._empty)

    def run_now(self, now: float) -> None:
        """Run what is ready, unless callers did so for long: the loop has its turn then."""
        if not self._ready or self._draining or self.closing:
            return
        if self._inline_passes == 0:
            self._inline_until = now + self.time_slice
        if self._inline_passes < PASSES_PER_LOOP_TURN and now < self._inline_until:
            self._inline_passes += 1
            self._run_pass(now)

    def runs(self, task: asyncio.Task[Any] | None) -> bool:
        return task in self._tasks

    async def close(self) -> None:
        self.closing = True
        for spare in self.spares:
            spare.retire()
        self.spares.clear()
        if self._pump is not None and not self._draining:
            self._pump.coroutine.close()
            self._pump.spare.retire()
        self._ready.clear()
        await cancel_all(self._tasks)

    def _drain(self) -> None:
        self._armed = False
        self._inline_passes = 0
        if self._ready and not self._draining and not self.closing:
            self._run_pass(self.time())

    def _run_pass(self, now: float) -> None:
        self.now = now
        self._draining = True
        loop, pump = self.loop, self._pump
        if pump is None or pump.spare.wake.done():  # or cancelled since the last pass
            pump = self._usable_pump()
        outer = swap_current_task(loop, pump.spare.task)
        try:
            while (signal := pump.context.run(pump.step, None)) is not PARK:
                if signal is RENEW:
                    pump.spare.retire()
                    pump.use(self._clean_spare())
                else:
                    self._hand_over(pump, signal)
                    if not self._ready:
                        break
                    pump = self._usable_pump()
                swap_current_task(loop, pump.spare.task)
        except BaseException:
            self._pump = None
            pump.spare.retire()
            raise
        finally:
            self._draining = False
            swap_current_task(loop, outer)
            if self._ready and not self._armed:
                self._arm()

    def _usable_pump(self) -> Pump:
        pump = self._pump
        if pump is None:
            pump = self._pump = Pump(self, self._ready, self._clean_spare())
        elif pump.spare.wake.done():
            pump.use(self._clean_spare())
        return pump

    def _hand_over(self, pump: Pump, waited_for: Any) -> None:
        """A handler has suspended: let the spare task finish that turn."""
        self._pump = None
        pump.last_turn = True
        pump.spare.take_over(adopt(pump.coroutine, waited_for))

    def _clean_spare(self) -> Spare:
        while self.spares:
            spare = self.spares.pop()
            if spare.clean:
                return spare
            spare.retire()
        return self._new_spare()

    def _new_spare(self) -> Spare:
        spare = Spare(self)
        self._tasks.add(spare.task)
        spare.task.add_done_callback(self._tasks.discard)
        return spare
