"""Tells another thread whether the event loop still turns."""

from __future__ import annotations

import asyncio

from protoactor_cluster._clock import now

__all__ = ["Pulse"]

BEATS_PER_LIMIT = 20


class Pulse:
    """Beats on the loop that starts it; `stalled` may be read by any thread."""

    def __init__(self, limit: float) -> None:
        self._limit = limit
        self._last_beat = now()
        self._next_beat: asyncio.TimerHandle | None = None

    @property
    def stalled(self) -> bool:
        """Whether the last beat was longer ago than `limit` seconds."""
        return now() - self._last_beat > self._limit

    def start(self) -> None:
        self._beat()

    def stop(self) -> None:
        if self._next_beat is not None:
            self._next_beat.cancel()

    def _beat(self) -> None:
        self._last_beat = now()
        pause = self._limit / BEATS_PER_LIMIT
        self._next_beat = asyncio.get_running_loop().call_later(pause, self._beat)
