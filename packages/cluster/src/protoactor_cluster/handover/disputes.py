"""Identities that live on one member, and for all we know on another as well."""

from __future__ import annotations

from collections.abc import Iterable

from protoactor_cluster.handover.effects import Check, Effect
from protoactor_cluster.handover.owner_table import OwnerTable
from protoactor_cluster.handover.spawns import Spawns
from protoactor_cluster.identity import ClusterIdentity
from protoactor_cluster.topology import Topology

__all__ = ["Disputes"]


class Disputes:
    """Has every doubtful member asked, again and again, until it says what is true.

    They come about when a hand-over went on without a member's report: meanwhile
    another one is asked to start what lives there. If its answer is lost, or if
    the stop of a duplicate is, nobody else would ever notice.
    """

    def __init__(self, table: OwnerTable, spawns: Spawns, pause: float) -> None:
        self._table = table
        self._spawns = spawns
        self._pause = pause
        self._open: dict[ClusterIdentity, None] = {}
        self._not_before = 0.0

    @property
    def next_deadline(self) -> float | None:
        """When `checks` is due."""
        return self._not_before if self._open else None

    def start_over(self) -> None:
        """A new topology: everybody reports again."""
        self._open.clear()

    def look_at(self, identities: Iterable[ClusterIdentity], now: float) -> None:
        """Something about these has become known."""
        opened = [it for it in identities if self._rival_host(it)]
        if opened and not self._open:
            self._not_before = now + self._pause
        self._open.update(dict.fromkeys(opened))

    def checks(self, topology: Topology, now: float) -> list[Effect]:
        """Questions to ask now; `look_at` the identity when one has an outcome."""
        if now < self._not_before:
            return []
        disputed, self._open = self._open, {}
        asked = ((identity, self._rival_host(identity)) for identity in disputed)
        return [
            Check(identity, topology.by_id[host], self._spawns.check(identity, host))
            for identity, host in asked
            if host in topology.by_id and not self._spawns.is_in_flight(identity)
        ]

    def _rival_host(self, identity: ClusterIdentity) -> str:
        """A member other than the one in the table on which it may live, or ''."""
        known = self._table.get(identity)
        if known is None:
            return ""
        suspected = self._spawns.suspected(identity)
        return next((host for host in suspected if host != known.member_id), "")
