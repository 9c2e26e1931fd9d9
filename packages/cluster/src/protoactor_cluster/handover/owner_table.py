"""The activations that this member answers for as their owner."""

from __future__ import annotations

from collections.abc import Collection
from typing import TypeAlias

from protoactor import PID
from protoactor_cluster.handover.activation import Activation
from protoactor_cluster.hash_ring import HashRing
from protoactor_cluster.identity import ClusterIdentity

__all__ = ["ActivationsByIdentity", "OwnerTable"]

ActivationsByIdentity: TypeAlias = dict[ClusterIdentity, Activation]


class OwnerTable:
    """Where the identities live that this member owns, by identity and by host.

    PIDs that terminated recently are remembered: a report or an answer that
    was under way when its actor stopped must not bring it back.
    """

    def __init__(self, remembered_terminations: int = 10_000) -> None:
        self._activations: ActivationsByIdentity = {}
        self._by_host: dict[str, ActivationsByIdentity] = {}
        self._terminated: dict[tuple[str, str], None] = {}
        self._capacity = remembered_terminations

    def get(self, identity: ClusterIdentity) -> Activation | None:
        """The activation of this identity, as far as is known here."""
        return self._activations.get(identity)

    def has_ended(self, pid: PID) -> bool:
        """Whether `terminated` was called for this PID lately."""
        return pid[:2] in self._terminated

    def put(self, activation: Activation) -> None:
        """Store it in place of any other of its identity; ask `has_ended` before."""
        identity = activation.identity
        known = self._activations.get(identity)
        if known is not None and known.member_id != activation.member_id:
            del self._by_host[known.member_id][identity]
        self._activations[identity] = activation
        self._by_host.setdefault(activation.member_id, {})[identity] = activation

    def remove(self, identity: ClusterIdentity, pid: PID) -> bool:
        """Forget the activation if it has this PID; a newer one stays."""
        known = self._activations.get(identity)
        if known is None or known.pid[:2] != pid[:2]:
            return False
        del self._activations[identity], self._by_host[known.member_id][identity]
        return True

    def terminated(self, identity: ClusterIdentity, pid: PID) -> bool:
        """Its host says that this activation stopped; says whether it was stored."""
        self._terminated[pid[:2]] = None
        if len(self._terminated) > self._capacity:
            del self._terminated[next(iter(self._terminated))]
        return self.remove(identity, pid)

    def hosted_by(self, member_id: str) -> ActivationsByIdentity:
        """A copy of what this member hosts and we own."""
        return dict(self._by_host.get(member_id, {}))

    def keep_owned(self, ring: HashRing, me: str, hosts: Collection[str]) -> None:
        """Forget what this member no longer owns and what lived on other hosts."""
        kept = [
            activation
            for activation in self._activations.values()
            if activation.member_id in hosts
            and (owner := ring.owner_at(activation.position)) is not None
            and owner.id == me
        ]
        self._activations = {activation.identity: activation for activation in kept}
        self._by_host = {}
        for activation in kept:
            hosted = self._by_host.setdefault(activation.member_id, {})
            hosted[activation.identity] = activation

    def __len__(self) -> int:
        return len(self._activations)
