"""Tells another thread whether an event loop still turns."""

from __future__ import annotations

import asyncio
import time
from types import TracebackType
from typing import Self

__all__ = ["Pulse"]

BEATS_PER_LIMIT = 20


class Pulse:
    """Beats on the loop that enters it, until it is left.

    `stalled` may be read by any thread: whether the last beat was longer ago
    than `limit` seconds.
    """

    def __init__(self, limit: float) -> None:
        self._limit = limit
        self._last_beat = time.monotonic()
        self._next_beat: asyncio.TimerHandle | None = None

    @property
    def stalled(self) -> bool:
        return time.monotonic() - self._last_beat > self._limit

    def __enter__(self) -> Self:
        self._beat()
        return self

    def __exit__(
        self,
        error_type: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._next_beat is not None:
            self._next_beat.cancel()

    def _beat(self) -> None:
        self._last_beat = time.monotonic()
        pause = self._limit / BEATS_PER_LIMIT
        self._next_beat = asyncio.get_running_loop().call_later(pause, self._beat)
