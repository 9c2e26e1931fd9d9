"""Lets a few events per period through and counts the rest."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

__all__ = ["Throttle"]


class Throttle:
    """At most `limit` events per `period` seconds; `skipped` hears of the others."""

    def __init__(
        self, limit: int, period: float, skipped: Callable[[int], None]
    ) -> None:
        self._limit = limit
        self._period = period
        self._skipped = skipped
        self._count = 0
        self._timer: asyncio.TimerHandle | None = None

    def admits(self, loop: asyncio.AbstractEventLoop) -> bool:
        """Whether this event is among the first of its period."""
        self._count += 1
        if self._timer is None:
            self._timer = loop.call_later(self._period, self._end_period)
        return self._count <= self._limit

    def close(self) -> None:
        """End the period now, telling what was skipped."""
        if self._timer is not None:
            self._timer.cancel()
            self._end_period()

    def _end_period(self) -> None:
        self._timer = None
        excess, self._count = self._count - self._limit, 0
        if excess > 0:
            self._skipped(excess)
