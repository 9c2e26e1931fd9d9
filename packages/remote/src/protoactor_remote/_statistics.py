"""Counters of one node, read when metrics are collected."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

__all__ = ["RemoteStatistics"]


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
