"""What a system has counted since it started."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["SystemStatistics"]


@dataclass(slots=True)
class SystemStatistics:
    """Plain counters: metrics read them when they are collected."""

    spawned: int = 0
    stopped: int = 0
    restarted: int = 0
    failures: int = 0
    requests: int = 0
    request_timeouts: int = 0
    stalls: int = 0
    stalled_seconds: float = 0.0
