"""What lives on a member, sorted by who owns it."""

from __future__ import annotations

from protoactor_cluster.handover.activation import Activation
from protoactor_cluster.hash_ring import HashRing
from protoactor_cluster.identity import ClusterIdentity

__all__ = ["Shares"]


class Shares:
    """The live activations by owner, under one ring.

    All owners pull at the same time, and each wants a share of its own: sorted
    once, the search costs as much as there lives here, and not that much for
    every owner. Sorting goes step by step, for others have to run meanwhile.
    """

    def __init__(self, ring: HashRing, live: dict[ClusterIdentity, Activation]) -> None:
        self.ring = ring
        self._live = live
        self._unsorted = list(live.values())
        self._unsorted.reverse()
        self._by_owner: dict[str, dict[ClusterIdentity, Activation]] = {}

    def sort(self, count: int) -> bool:
        """Sort up to so many more, oldest first; says whether some are left."""
        unsorted, live = self._unsorted, self._live
        for _ in range(min(count, len(unsorted))):
            activation = unsorted.pop()
            if live.get(activation.identity) is activation:
                self.add(activation)
        return bool(unsorted)

    def add(self, activation: Activation) -> None:
        """It has just been started."""
        owner = self.ring.owner_at(activation.position)
        if owner is not None:
            share = self._by_owner.setdefault(owner.id, {})
            share[activation.identity] = activation

    def remove(self, activation: Activation) -> None:
        """It has ended, and is live no more."""
        owner = self.ring.owner_at(activation.position)
        if owner is not None and (share := self._by_owner.get(owner.id)):
            share.pop(activation.identity, None)

    def of(self, owner_id: str) -> tuple[Activation, ...]:
        """What this member owns of what is sorted."""
        return tuple(self._by_owner.get(owner_id, {}).values())
