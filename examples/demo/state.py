"""What the demo knows while it runs."""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass, field
from typing import Any

WINDOW = 2.0


@dataclass(slots=True)
class DemoState:
    """Filled by the processes' lines, shown on the screen, read by the story."""

    members: list[str] = field(default_factory=list[str])
    host: str | None = None
    activated_at: float | None = None
    calls: int = 0
    failed: int = 0
    last_failure: str = ""
    recent: deque[tuple[float, float]] = field(
        default_factory=deque[tuple[float, float]]
    )
    all_latencies: list[float] = field(default_factory=list[float])
    longest: float = 0.0
    said: list[str] = field(default_factory=list[str])

    def note_calls(self, said: dict[str, Any]) -> None:
        now = time.monotonic()
        latencies: list[float] = said["latencies"]
        self.calls += len(latencies)
        self.failed += len(said["failed"])
        if said["failed"]:
            self.last_failure = said["failed"][-1]
        if latencies:
            self.host, self.activated_at = said["host"], said["activated_at"]
            self.longest = max(self.longest, *latencies)
        self.recent.extend((now, latency) for latency in latencies)
        self.all_latencies.extend(latencies)
        while self.recent and self.recent[0][0] < now - WINDOW:
            self.recent.popleft()

    @property
    def rate(self) -> float:
        """Calls per second."""
        return len(self.recent) / WINDOW

    def percentile(self, share: float) -> float:
        """Of the recent latencies, in milliseconds."""
        latencies = sorted(latency for _, latency in self.recent)
        return percentile(latencies, share)


def percentile(ordered: list[float], share: float) -> float:
    if not ordered:
        return 0.0
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)]
