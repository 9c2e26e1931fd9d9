"""Counters of one node, read when metrics are collected."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

__all__ = ["RemoteStatistics"]

MOST_NAMES = 1000
OTHERS = "others"


class RemoteStatistics:
    """Everything since the start."""

    def __init__(self) -> None:
        self.connected = 0
        self.disconnected = 0
        self.spawned = 0
        self.refused_handshakes = 0
        self.bad_frames = 0
        self.bad_messages = 0
        self.sent: Counter[str] = Counter()
        """By type name, of connections that are over."""
        self.received: Counter[str] = Counter()
        """By type name."""
        self.record_write: Callable[[float], None] | None = None
        """Takes the seconds of each write while somebody collects them."""

    def known_as(self, name: str) -> str:
        """The name to count messages of a type under: peers may make up any number."""
        if name in self.received or len(self.received) < MOST_NAMES:
            return name
        return OTHERS
