"""Keeps the loop turning while a reply is due, for those who pay CPU for latency."""

from __future__ import annotations

from protoactor import ActorSystem

__all__ = ["Spinner"]


class Spinner:
    """A sleeping loop takes as long to wake as half a round trip on one machine."""

    def __init__(self, system: ActorSystem, seconds: float) -> None:
        self._system = system
        self._seconds = seconds
        self._until = 0.0
        self._turning = False

    def start(self) -> None:
        """Turn for the configured time, or until no request waits any more."""
        if self._seconds and len(self._system.requests):
            self._until = self._system.loop.time() + self._seconds
            if not self._turning:
                self._turn()

    def _turn(self) -> None:
        loop = self._system.loop
        self._turning = bool(len(self._system.requests)) and loop.time() < self._until
        if self._turning:
            loop.call_soon(self._turn)
