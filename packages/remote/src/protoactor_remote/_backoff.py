"""How long to wait before trying again."""

from __future__ import annotations

import random
from dataclasses import dataclass

__all__ = ["Backoff"]


@dataclass(frozen=True, slots=True)
class Backoff:
    """Pauses in seconds that grow by `factor` from `first` up to `longest`.

    Each is shortened by a random part, at most `jitter` of it, so that many nodes
    do not come back at the same moment.
    """

    first: float = 0.1
    longest: float = 2.0
    factor: float = 2.0
    jitter: float = 0.3

    def pause(self, attempt: int) -> float:
        """The pause after the given failed attempt, counted from 1."""
        growths = min(attempt - 1, 64)  # a float does not grow for ever
        full = min(self.longest, self.first * self.factor**growths)
        return full * (1 - self.jitter * random.random())
