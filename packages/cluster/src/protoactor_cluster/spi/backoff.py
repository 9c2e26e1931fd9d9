"""Pauses between attempts that failed, one after the other."""

from __future__ import annotations

from protoactor_remote import Backoff as Growth

__all__ = ["Backoff"]


class Backoff:
    """Grows from about `first` seconds up to `longest`, until it worked once."""

    def __init__(self, *, first: float = 0.75, longest: float) -> None:
        self._growth = Growth(first=first, longest=max(first, longest))
        self._failures = 0

    def next(self) -> float:
        """The pause after one more failure, in seconds."""
        self._failures += 1
        return self._growth.pause(self._failures)

    def reset(self) -> None:
        """It worked: the next failure is a first one."""
        self._failures = 0
