"""Tells whether this process, or its event loop, has stood still."""

from __future__ import annotations

import asyncio
import math
import threading
from collections.abc import Generator
from contextlib import contextmanager

from protoactor_cluster._clock import Clock, now

__all__ = ["KeepAlive", "beating"]

STALL_LIMIT = 10.0


class KeepAlive:
    """Two ticks: a thread stamps one, the event loop the other; seconds.

    A thread's tick that is older than `limit` means that the whole process was
    frozen (SIGSTOP, a suspended machine), a loop's tick older than `stall_limit`
    that some handler blocked it. Both are noticed whoever looks first afterwards.
    """

    def __init__(
        self,
        limit: float,
        stall_limit: float = STALL_LIMIT,
        *,
        clock: Clock = now,
    ) -> None:
        self.limit = limit
        self.stall_limit = stall_limit
        self._clock = clock
        self._tick = self._loop_tick = clock()
        self._stood_still = False
        self._good_until = -math.inf
        """Both ticks are young enough until then, if nothing was ever noticed.

        Sooner than that after a race of the two that write it, never later.
        """

    def stamp(self) -> None:
        """The process runs; called from a thread, every `limit` / 8."""
        now = self._clock()
        if now - self._tick > self.limit:
            self._stood_still = True
        self._tick = now
        self._note()

    def stamp_loop(self) -> None:
        """The loop runs."""
        self.stood_still()
        self._loop_tick = self._clock()
        self._note()

    def stood_still(self) -> bool:
        """Whether there was a gap since the last `absolve`."""
        now = self._clock()
        if now <= self._good_until:
            return False
        if now - self._tick > self.limit or now - self._loop_tick > self.stall_limit:
            self._stood_still = True
        return self._stood_still

    def absolve(self) -> None:
        """The gap has had no consequences: count from now."""
        self._tick = self._loop_tick = self._clock()
        self._stood_still = False
        self._note()

    def _note(self) -> None:
        good_until = min(self._tick + self.limit, self._loop_tick + self.stall_limit)
        self._good_until = -math.inf if self._stood_still else good_until

    @property
    def stalled(self) -> bool:
        """Whether the loop stands still right now; for other threads."""
        return self._clock() - self._loop_tick > self.stall_limit

    @contextmanager
    def watching(self, loop: asyncio.AbstractEventLoop) -> Generator[None, None, None]:
        """Stamp the loop's tick while inside."""
        handle: asyncio.TimerHandle | None = None

        def stamp() -> None:
            nonlocal handle
            self.stamp_loop()
            handle = loop.call_later(self.stall_limit / 20, stamp)

        self.absolve()
        stamp()
        try:
            yield
        finally:
            if handle is not None:
                handle.cancel()


@contextmanager
def beating(keep_alive: KeepAlive) -> Generator[None, None, None]:
    """Stamp the process's tick from a thread while inside."""
    ended = threading.Event()

    def run() -> None:
        while not ended.wait(keep_alive.limit / 8):
            keep_alive.stamp()

    thread = threading.Thread(target=run, name="protoactor-keep-alive", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
