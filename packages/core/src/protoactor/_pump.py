"""Drains all ready actors in one callback of the loop.

Measured, a task per actor or per message costs 4 to 28 times as much. One coroutine,
the pump, awaits handler after handler. It is driven by hand, while a spare task is
the current one, so that `asyncio.timeout()` and the like work in handlers. When a
handler suspends, the spare task adopts the pump, finishes that actor's turn as an
ordinary task, and returns to the pool; the callback goes on with a fresh pump.

Every spare has a `contextvars` context that is empty when a turn begins: what a
handler leaves behind in it, or in the task, retires the spare, so nothing leaks
between actors.
"""

from __future__ import annotations

import asyncio
import contextvars
from asyncio.tasks import _enter_task, _leave_task
from collections import deque
from typing import TYPE_CHECKING, Any

from protoactor._cancellation import cancel_all
from protoactor._spare import Spare, adopt
from protoactor._turn import PARK, RENEW, run_turns

if TYPE_CHECKING:
    from protoactor._cell import ActorCell

__all__ = ["PumpDispatcher"]

MAX_SPARES = 64
PASSES_PER_LOOP_TURN = 256


class Pump:
    """Runs turns until a handler suspends; then a spare task finishes that turn."""

    __slots__ = ("coroutine", "last_turn", "ready", "spare")

    def __init__(
        self, dispatcher: PumpDispatcher, ready: deque[ActorCell], spare: Spare
    ) -> None:
        self.ready = ready
        self.spare = spare
        self.last_turn = False
        self.coroutine = run_turns(self, dispatcher)


class PumpDispatcher:
    """Runs ready actors, in order, from one callback of the loop."""

    def __init__(self, *, throughput: int = 300, time_slice: float = 0.005) -> None:
        self.throughput = throughput
        self.time_slice = time_slice
        self.closing = False
        self.loop = asyncio.get_running_loop()
        self.time = self.loop.time
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
        if not self._armed and not self.closing:
            self._armed = True
            self.loop.call_soon(self._drain, context=self._empty)

    def run_now(self) -> None:
        """Run what is ready, unless callers did so for long: the loop has its turn then."""
        if not self._ready or self._draining or self.closing:
            return
        now = self.time()
        if self._inline_passes == 0:
            self._inline_until = now + self.time_slice
        if self._inline_passes < PASSES_PER_LOOP_TURN and now < self._inline_until:
            self._inline_passes += 1
            self._run_pass()

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
            self._run_pass()

    def _run_pass(self) -> None:
        loop = self.loop
        self._draining = True
        self.now = self.time()
        outer = asyncio.current_task(loop)
        if outer is not None:
            _leave_task(loop, outer)
        try:
            while self._drive():
                pass
        finally:
            self._draining = False
            if outer is not None:
                _enter_task(loop, outer)
            if self._ready and not self._armed:
                self._armed = True
                loop.call_soon(self._drain, context=self._empty)

    def _drive(self) -> bool:
        """Run the pump until it parks or a handler suspends; true to go on."""
        pump = self._pump
        if pump is None:
            pump = self._pump = Pump(self, self._ready, self._clean_spare())
        elif pump.spare.wake.done():  # cancelled since the last pass
            pump.spare = self._clean_spare()
        spare = pump.spare
        _enter_task(self.loop, spare.task)
        try:
            signal = spare.context.run(pump.coroutine.send, None)
        except BaseException:
            self._pump = None
            spare.retire()
            raise
        finally:
            _leave_task(self.loop, spare.task)
        if signal is PARK:
            return False
        if signal is RENEW:
            spare.retire()
            pump.spare = self._clean_spare()
        else:
            self._pump = None
            pump.last_turn = True
            spare.take_over(adopt(pump.coroutine, signal))
        return bool(self._ready)

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
