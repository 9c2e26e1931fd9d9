"""What members say they have told everybody themselves, so that nobody relays it.

Every value of every member reaches every member. If each of them passed on each
value to each other, news of n members would travel n * n * n times. So a member
tells all others itself what it says, and its heartbeats, which are relayed, claim
up to which of its values they have acknowledged that, and who has not.
"""

from __future__ import annotations

from enum import Enum, auto
from typing import NamedTuple

from protoactor_cluster.gossip_entry import HEARTBEAT, GossipEntry

__all__ = ["Claims", "Relay"]


class Relay(Enum):
    """Whether to pass on a member's value to another one."""

    NOW = auto()
    LATER = auto()  # if its member has not done so by then
    NEVER = auto()


class _Claim(NamedTuple):
    told: int
    having: frozenset[str]


class Claims:
    """What members claim; one that never did is helped at once."""

    def __init__(self, relay_after: float) -> None:
        self._relay_after = relay_after
        self._claims: dict[str, _Claim] = {}

    def believe(self, member_id: str, told: int, having: frozenset[str]) -> None:
        """These have everything that the member has said up to this number."""
        self._claims[member_id] = _Claim(told, having)

    def forget(self, member_id: str) -> None:
        self._claims.pop(member_id, None)

    def judge(
        self, member_id: str, key: str, entry: GossipEntry, target: str, now: float
    ) -> Relay:
        """What to do about this value of a member, for the sake of `target`."""
        claim = self._claims.get(member_id)
        if claim is None or key == HEARTBEAT:
            return Relay.NOW
        if entry.sequence <= claim.told and target in claim.having:
            return Relay.NEVER
        young = now - entry.received_at < self._relay_after
        return Relay.LATER if young else Relay.NOW
