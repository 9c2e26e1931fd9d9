"""Whether the event loop still runs, asked from a thread."""

from __future__ import annotations

from collections.abc import Callable

from protoactor_cluster._clock import Clock, now

__all__ = ["Pulse"]


class Pulse:
    """Leaves one question at a time in the loop and times its answer."""

    def __init__(
        self,
        post: Callable[[Callable[[], None]], None],
        limit: float,
        clock: Clock = now,
    ) -> None:
        self._post = post
        self._limit = limit
        self._clock = clock
        self._answered = True
        self._asked = 0.0

    def stalled(self) -> bool:
        """Whether a question has been open for more than `limit` seconds."""
        now = self._clock()
        if self._answered:
            self._answered = False
            self._asked = now
            self._post(self._answer)
        return now - self._asked > self._limit

    def _answer(self) -> None:
        self._answered = True
