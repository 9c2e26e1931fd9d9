"""Pauses between attempts that failed."""

from __future__ import annotations

import random

__all__ = ["Backoff"]


class Backoff:
    """Doubles from `first` to `cap` seconds, each stretched by up to half at random."""

    def __init__(self, *, first: float = 0.5, cap: float) -> None:
        self._first = first
        self._cap = max(first, cap)
        self._next = first

    def next(self) -> float:
        """The pause after one more failure, in seconds."""
        pause = self._next * random.uniform(1.0, 1.5)
        self._next = min(self._next * 2, self._cap)
        return pause

    def reset(self) -> None:
        """It worked: the next failure is a first one."""
        self._next = self._first
