"""The keys, values and bounds of gossip."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

__all__ = [
    "CAPABILITIES",
    "HEARTBEAT",
    "LEAVING",
    "LEFT",
    "READY",
    "SUSPECTS",
    "TOPOLOGY",
    "GossipDelta",
    "GossipEntry",
    "GossipLimits",
    "GossipUpdate",
    "GossipValue",
]

TOPOLOGY = "topology"
HEARTBEAT = "heathbeat"  # protoactor-go's spelling
LEFT = "left"
READY = "reb:ready"
LEAVING = "py:leaving"
SUSPECTS = "py:suspects"
CAPABILITIES = "py:caps"


class GossipValue(NamedTuple):
    """A value as it travels: relayed unread, whatever its type."""

    type_url: str
    data: bytes


class GossipEntry(NamedTuple):
    """A value, its owner's number for it, and when it arrived here."""

    sequence: int
    value: GossipValue
    received_at: float
    """Monotonic seconds of this process."""
    stamp: int


class GossipUpdate(NamedTuple):
    """A member's value that is newer than what was known here."""

    member_id: str
    key: str
    value: GossipValue


@dataclass(frozen=True, slots=True)
class GossipDelta:
    """News for one peer; commit it when the peer acknowledged it."""

    entries: dict[str, dict[str, GossipEntry]] = field(
        default_factory=dict[str, dict[str, GossipEntry]]
    )
    marks: dict[str, int] = field(default_factory=dict[str, int])
    """By member, the stamp up to which the peer then has everything."""

    def __bool__(self) -> bool:
        return bool(self.entries)


@dataclass(frozen=True, slots=True)
class GossipLimits:
    """Bounds on what others can make this process keep; more is dropped and counted."""

    keys: int = 256
    key_length: int = 256
    value_bytes: int = 64 * 1024
    strangers: int = 1000
    """Ids that are gossiped about but are in no view yet."""
    stranger_age: float = 30.0
    """Seconds until such an id is forgotten."""
    delta_bytes: int = 1024 * 1024
