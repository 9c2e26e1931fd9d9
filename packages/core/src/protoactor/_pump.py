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
import types
from asyncio.tasks import _enter_task, _leave_task
from collections import deque
from collections.abc import Awaitable, Coroutine, Generator
from typing import TYPE_CHECKING, Any

from protoactor._cancellation import cancel_all
from protoactor._primed_task import first_step, primed_task
from protoactor._turn import run_turn

if TYPE_CHECKING:
    from protoactor._cell import ActorCell

__all__ = ["PumpDispatcher"]

MAX_SPARES = 64
TURNS_PER_PASS = 512
PASSES_PER_LOOP_TURN = 256


class _Signal:
    """What a pump yields to its driver, as opposed to a future it waits for."""


PARK = _Signal()
RENEW = _Signal()


@types.coroutine
def _yield(signal: _Signal) -> Generator[Any, Any, None]:
    yield signal


@types.coroutine
def _adopt(
    pump: Coroutine[Any, Any, None], waited_for: Any
) -> Generator[Any, Any, None]:
    """Go on driving a coroutine that has already yielded a future."""
    while True:
        try:
            value = yield waited_for
        except BaseException as error:
            try:
                waited_for = pump.throw(error)
            except StopIteration:
                return
        else:
            try:
                waited_for = pump.send(value)
            except StopIteration:
                return


class Spare:
    """A task that waits for a pump to adopt."""

    def __init__(self, dispatcher: PumpDispatcher) -> None:
        self.context = contextvars.Context()
        self.wake: asyncio.Future[None] = dispatcher.loop.create_future()
        self.pump: Coroutine[Any, Any, None] | None = None
        self.waited_for: Any = None
        self.task = primed_task(dispatcher.loop, self._run(dispatcher), self.context)

    @property
    def clean(self) -> bool:
        """Whether a turn may begin in it."""
        used = len(self.context) or self.task.cancelling()
        return not used and not self.wake.done()

    def take_over(self, pump: Coroutine[Any, Any, None], waited_for: Any) -> None:
        self.pump, self.waited_for = pump, waited_for
        self.retire()

    def retire(self) -> None:
        """Let the task go on; without a pump to adopt it ends."""
        if not self.wake.done():
            self.wake.set_result(None)

    async def _run(self, dispatcher: PumpDispatcher) -> None:
        await self._put_off_cancellation(first_step())
        while True:
            await self._put_off_cancellation(self.wake)
            if self.pump is None:
                return
            pump, self.pump = self.pump, None
            await _adopt(pump, self.waited_for)
            self.waited_for = None
            self.wake = dispatcher.loop.create_future()
            if not self.clean or not dispatcher.wants_spares:
                return
            dispatcher.spares.append(self)

    async def _put_off_cancellation(self, wait: Awaitable[None]) -> None:
        """Wait; a cancellation is meant for the handler, which is yet to be adopted."""
        try:
            await wait
        except asyncio.CancelledError:
            self.task.uncancel()
            self.task.cancel()


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
        self._pump: Coroutine[Any, Any, None] | None = None
        self._spare: Spare | None = None
        self._adoptions = 0
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
            self._pump.close()
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
        spare = self._spare = self._clean_spare()
        pump = self._pump
        if pump is None:
            pump = self._pump = self._run_turns()
        _enter_task(self.loop, spare.task)
        try:
            signal = spare.context.run(pump.send, None)
        except BaseException:
            self._pump = None
            spare.retire()
            raise
        finally:
            _leave_task(self.loop, spare.task)
        if signal is PARK:
            self.spares.append(spare)
            return False
        if signal is RENEW:
            spare.retire()
        else:
            self._pump = None
            self._adoptions += 1
            spare.take_over(pump, signal)
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

    async def _run_turns(self) -> None:
        ready = self._ready
        while True:
            pass_ends = self.now + self.time_slice
            turns = TURNS_PER_PASS
            while ready and turns and self.now < pass_ends:
                turns -= 1
                cell = ready.popleft()
                adoptions = self._adoptions
                if await run_turn(cell, self):
                    self.schedule(cell)
                if adoptions != self._adoptions:
                    return  # suspended meanwhile: a spare task has run the rest
                if not (self._spare and self._spare.clean):
                    await _yield(RENEW)
            await _yield(PARK)
