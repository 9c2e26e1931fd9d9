"""Brings reports and the owner table together: one activation per identity."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from protoactor_cluster.handover.activation import Activation, precedence
from protoactor_cluster.handover.effects import (
    AcceptActivations,
    Effect,
    StopDuplicate,
)
from protoactor_cluster.handover.owner_table import OwnerTable
from protoactor_cluster.handover.sink import HandoverSink
from protoactor_cluster.handover.spawns import Spawns
from protoactor_cluster.hash_ring import HashRing

__all__ = ["Reconciliation"]


class Reconciliation:
    """Enters what members report, and stops what must not live beside it.

    An entry that its host has not confirmed under the current topology yields
    to any report: it may have ended unnoticed. Of two that live, `precedence`
    decides. That the other one stops is doubted until its host says so.
    """

    def __init__(self, me: str, table: OwnerTable, spawns: Spawns) -> None:
        self._me = me
        self._table = table
        self._spawns = spawns
        self._ring: HashRing = HashRing(())
        self._sinks: Mapping[str, HandoverSink] = {}
        self._doomed: set[tuple[str, str]] = set()

    def start_over(self, ring: HashRing) -> None:
        """A new topology: everybody reports again, duplicates included."""
        self._ring = ring
        self._sinks = {}
        self._doomed.clear()

    def expect(self, sinks: Mapping[str, HandoverSink]) -> None:
        """These members are being asked."""
        self._sinks = sinks

    def report(
        self, sink: HandoverSink, activations: Iterable[Activation]
    ) -> list[Effect]:
        """A member says that these live there."""
        accepted: list[Activation] = []
        duplicates: list[Effect] = []
        for activation in activations:
            if not self._is_credible(activation):
                continue
            kept, known = activation, self._table.get(activation.identity)
            if known and self._is_rival(known, activation):
                kept, stopped = sorted((known, activation), key=precedence)
                duplicates.append(self._stop(kept, stopped))
            sink.unconfirmed.pop(activation.identity, None)
            self._table.put(kept)
            accepted.append(kept)
        taken: list[Effect] = [AcceptActivations(accepted)] if accepted else []
        return taken + duplicates

    def spawned(self, activation: Activation) -> list[Effect]:
        """A member started this; one that was reported meanwhile stays."""
        if not self._is_credible(activation):
            return []
        known = self._table.get(activation.identity)
        if known and known.pid[:2] != activation.pid[:2]:
            return [AcceptActivations([known]), self._stop(known, activation)]
        self._table.put(activation)
        return [AcceptActivations([activation])]

    def _stop(self, kept: Activation, stopped: Activation) -> StopDuplicate:
        key = stopped.pid[:2]
        repeated = key in self._doomed
        self._doomed.add(key)
        if stopped.member_id != kept.member_id:
            self._spawns.suspect(stopped.identity, stopped.member_id)
        return StopDuplicate(kept, stopped, repeated)

    def _is_credible(self, activation: Activation) -> bool:
        owner = self._ring.owner_at(activation.position)
        mine = owner is not None and owner.id == self._me
        return mine and not self._table.has_ended(activation.pid)

    def _is_rival(self, known: Activation, reported: Activation) -> bool:
        if known.pid[:2] == reported.pid[:2]:
            return False
        host = self._sinks.get(known.member_id)
        unconfirmed = host.unconfirmed.get(known.identity) if host else None
        return unconfirmed is None or unconfirmed.pid != known.pid
