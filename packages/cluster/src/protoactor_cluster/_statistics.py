"""What a member or client has counted since it started."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

__all__ = ["ClusterStatistics"]

MOST_KINDS = 200
OTHER = "other"


@dataclass(slots=True)
class ClusterStatistics:
    """Plain counters: metrics read them when they are collected."""

    retries: Counter[str] = field(default_factory=Counter[str])
    """By kind."""
    activation_failures: Counter[str] = field(default_factory=Counter[str])
    """By kind."""
    endings: Counter[tuple[str, str]] = field(default_factory=Counter[tuple[str, str]])
    """By kind, and why it ended."""
    topologies: int = 0
    joined: int = 0
    left: int = 0
    handovers: Counter[str] = field(default_factory=Counter[str])
    """By outcome."""
    incomplete: Counter[str] = field(default_factory=Counter[str])
    """By reason."""
    moved: int = 0
    """Activations that this member has become owner of by a hand-over."""
    duplicates: int = 0
    gossip_rounds: int = 0
    gossip_sent: int = 0
    gossip_received: int = 0
    gossip_sent_bytes: int = 0
    gossip_received_bytes: int = 0
    provider_failures: int = 0

    def retried(self, kind: str) -> None:
        """A call tries again; callers may name any kind, so their number is bounded."""
        bounded = kind in self.retries or len(self.retries) < MOST_KINDS
        self.retries[kind if bounded else OTHER] += 1
