"""For how long the loop is held."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Generator
from contextlib import contextmanager

__all__ = ["Stalls", "stalls"]


class Stalls:
    """The longest time from one pass of the loop to the next, in seconds."""

    def __init__(self) -> None:
        self.longest = 0.0
        self._loop = asyncio.get_running_loop()
        self._last = time.perf_counter()
        self._next = self._loop.call_soon(self._look)

    def stop(self) -> None:
        self._next.cancel()

    def _look(self) -> None:
        now = time.perf_counter()
        self.longest = max(self.longest, now - self._last)
        self._last = now
        self._next = self._loop.call_soon(self._look)


@contextmanager
def stalls() -> Generator[Stalls]:
    """Watched while inside; the loop does not sleep meanwhile."""
    watch = Stalls()
    try:
        yield watch
    finally:
        watch.stop()
