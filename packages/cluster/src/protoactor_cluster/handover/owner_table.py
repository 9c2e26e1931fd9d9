"""The activations that this member answers for as their owner."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import NamedTuple, TypeAlias

from protoactor import PID
from protoactor_cluster.handover.activation import Activation
from protoactor_cluster.hash_ring import HashRing
from protoactor_cluster.identity import ClusterIdentity

__all__ = ["ActivationsByIdentity", "OwnerTable"]

ActivationsByIdentity: TypeAlias = dict[ClusterIdentity, Activation]


class _Layer(NamedTuple):
    """What was known at a change of topology, and what it must satisfy since."""

    activations: ActivationsByIdentity
    keeps: list[Callable[[Activation], bool]]


class OwnerTable:
    """Where the identities live that this member owns, by identity and by host.

    PIDs that terminated recently are remembered: a report or an answer that
    was under way when its actor stopped must not bring it back. After a change of
    topology what is there is looked through step by step, by `sift`.
    """

    def __init__(self, remembered_terminations: int = 10_000) -> None:
        self._activations: ActivationsByIdentity = {}
        self._by_host: dict[str, ActivationsByIdentity] = {}
        self._terminated: dict[tuple[str, str], None] = {}
        self._capacity = remembered_terminations
        self._unsifted: list[_Layer] = []

    def get(self, identity: ClusterIdentity) -> Activation | None:
        """The activation of this identity, as far as is known here."""
        known = self._activations.get(identity)
        if known is None and self._unsifted:
            return self._take_out(identity)
        return known

    def has_ended(self, pid: PID) -> bool:
        """Whether `terminated` was called for this PID lately."""
        return pid[:2] in self._terminated

    def put(self, activation: Activation) -> None:
        """Store it in place of any other of its identity; ask `has_ended` before."""
        identity = activation.identity
        known = self.get(identity)
        if known is not None and known.member_id != activation.member_id:
            del self._by_host[known.member_id][identity]
        self._activations[identity] = activation
        self._by_host.setdefault(activation.member_id, {})[identity] = activation

    def remove(self, identity: ClusterIdentity, pid: PID) -> bool:
        """Forget the activation if it has this PID; a newer one stays."""
        known = self.get(identity)
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
        """A copy of what this member hosts and we own, of what is sifted."""
        return dict(self._by_host.get(member_id, {}))

    def keep_owned(self, ring: HashRing, me: str, hosts: Collection[str]) -> None:
        """Forget what this member no longer owns and what lived on other hosts."""

        def keeps(activation: Activation) -> bool:
            owner = ring.owner_at(activation.position)
            return (
                owner is not None and owner.id == me and activation.member_id in hosts
            )

        self._unsifted.append(_Layer(self._activations, []))
        for layer in self._unsifted:
            layer.keeps.append(keeps)
        self._activations, self._by_host = {}, {}

    def sift(self, count: int) -> bool:
        """Look through up to so many more; says whether some are left."""
        while self._unsifted and count > 0:
            layer = self._unsifted[-1]
            part = min(count, len(layer.activations))
            for _ in range(part):
                self._enter(layer.activations.popitem()[1], layer)
            count -= part
            if not layer.activations:
                self._unsifted.pop()
        return bool(self._unsifted)

    def _take_out(self, identity: ClusterIdentity) -> Activation | None:
        """Sift this one now."""
        for layer in self._unsifted:
            if (activation := layer.activations.pop(identity, None)) is not None:
                return activation if self._enter(activation, layer) else None
        return None

    def _enter(self, activation: Activation, layer: _Layer) -> bool:
        if not all(keeps(activation) for keeps in layer.keeps):
            return False
        identity = activation.identity
        self._activations[identity] = activation
        self._by_host.setdefault(activation.member_id, {})[identity] = activation
        return True

    def __len__(self) -> int:
        """How many are known, with those to be sifted."""
        return len(self._activations) + sum(
            len(layer.activations) for layer in self._unsifted
        )
