"""Reports handlers that keep the loop from running."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sys
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from types import FrameType

from protoactor._cell import ActorCell
from protoactor._pid import PID
from protoactor._statistics import SystemStatistics
from protoactor._turn import run_turns

__all__ = ["LoopStalled", "Watchdog"]

logger = logging.getLogger("protoactor.watchdog")


@dataclass(frozen=True, slots=True)
class LoopStalled:
    """The loop did not run for `seconds`: who had it, with what, and where."""

    seconds: float
    actor: PID | None
    message_type: str
    stack: str


class Watchdog:
    """A thread that notices when the loop has not stamped its tick for `limit` s."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        limit: float,
        report: Callable[[LoopStalled], None],
        statistics: SystemStatistics,
    ) -> None:
        self._loop = loop
        self._limit = limit
        self._report = report
        self._statistics = statistics
        self._loop_thread = threading.get_ident()
        self._tick = time.monotonic()
        self._reported = self._tick
        self._ended = threading.Event()
        self._handle = loop.call_soon(self._stamp)
        self._thread = threading.Thread(
            target=self._watch, name="protoactor-watchdog", daemon=True
        )
        self._thread.start()

    def close(self) -> None:
        self._handle.cancel()
        self._ended.set()
        self._thread.join()

    def _stamp(self) -> None:
        now = time.monotonic()
        if now - self._tick > self._limit:
            self._statistics.stalls += 1
            self._statistics.stalled_seconds += now - self._tick
        self._tick = now
        self._handle = self._loop.call_later(self._limit / 4, self._stamp)

    def _watch(self) -> None:
        while not self._ended.wait(self._limit / 4):
            tick = self._tick
            stalled = time.monotonic() - tick
            if stalled > self._limit and tick != self._reported:
                self._reported = tick
                frame = sys._current_frames().get(self._loop_thread)
                self._tell(_describe(stalled, frame))

    def _tell(self, stall: LoopStalled) -> None:
        logger.warning(
            "the event loop stalled for %.1f s: %s handles %s\n%s",
            stall.seconds,
            stall.actor or "no actor",
            stall.message_type or "nothing",
            stall.stack,
        )
        with contextlib.suppress(RuntimeError):  # the loop was closed meanwhile
            self._loop.call_soon_threadsafe(self._report, stall)


def _describe(seconds: float, frame: FrameType | None) -> LoopStalled:
    stack = "".join(traceback.format_stack(frame)) if frame else ""
    while frame is not None and frame.f_code is not run_turns.__code__:
        frame = frame.f_back
    cell = frame.f_locals.get("cell") if frame else None
    if not isinstance(cell, ActorCell):
        return LoopStalled(seconds, None, "", stack)
    message = type(cell.message).__qualname__
    return LoopStalled(seconds, cell.pid, message, stack)
