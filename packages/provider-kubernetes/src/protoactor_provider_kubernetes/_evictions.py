"""Marks in Kubernetes: a member that others have dropped may not renew its Lease."""

# lightkube leaves a type variable of its selectors open
# pyright: reportUnknownMemberType=false

from __future__ import annotations

from contextlib import suppress
from typing import Any

from lightkube import Client
from lightkube.resources.coordination_v1 import Lease

from protoactor_cluster.spi import Contact, Fault, Unavailable, now
from protoactor_provider_kubernetes import _lease
from protoactor_provider_kubernetes._connection import Connection
from protoactor_provider_kubernetes._fault import Conflict, Missing
from protoactor_provider_kubernetes._names import CLUSTER, label_of, lease_name
from protoactor_provider_kubernetes._settings import Settings
from protoactor_provider_kubernetes._sightings import Sightings

__all__ = ["Evictions"]

SWEPT = 3600.0


class Evictions:
    """Sets the marks of one cluster; blocking, for one thread.

    A mark replaces the version of a Lease that was seen to end, or a Lease that is not
    there: whoever has renewed it meanwhile stays.
    """

    def __init__(
        self, settings: Settings, contact: Contact, cluster: str, sightings: Sightings
    ) -> None:
        self._server = settings.server
        self._ttl = settings.timing.ttl
        self._cluster = cluster
        self._sightings = sightings
        self._connection = Connection(settings, contact)
        self._swept = float("-inf")

    def evict(self, member_id: str) -> bool:
        """Drop a member for good; False if it has renewed its Lease. Raises `Fault`s."""
        seen = self._sightings.lease(lease_name(self._cluster, member_id))
        try:
            if seen is not None:
                mark = _lease.evict(seen)
                self._connection.call(lambda client: client.replace(mark))
            else:
                self._leave_a_mark(member_id)
        except Conflict:
            return False
        except Missing:  # it went since: what comes next will tell
            raise Unavailable(self._server, f"the Lease of {member_id} went") from None
        if now() - self._swept > SWEPT:
            self._swept = now()
            self._sweep()
        return True

    def close(self) -> None:
        self._connection.close()

    def _sweep(self) -> None:
        """Marks of yesterday; whoever is hindered leaves them to the next one."""
        with suppress(Fault):
            for lease in self._connection.call(self._leases):
                if _lease.is_old_mark(lease, self._cluster):
                    self._delete(lease)

    def _leases(self, client: Client) -> list[Lease]:
        labels: dict[str, Any] = {CLUSTER: label_of(self._cluster)}
        return list(client.list(Lease, labels=labels))

    def _delete(self, lease: Lease) -> None:
        assert lease.metadata is not None
        name = str(lease.metadata.name)
        with suppress(Missing):  # others sweep, too
            self._connection.call(lambda client: client.delete(Lease, name))

    def _leave_a_mark(self, member_id: str) -> None:
        """There is no Lease: its member left, another one was faster, or it was wiped."""
        mark = _lease.evict(_lease.mark(self._cluster, member_id, self._ttl))
        try:
            self._connection.call(lambda client: client.create(mark))
        except Conflict:
            name = lease_name(self._cluster, member_id)
            found = self._connection.call(lambda client: client.get(Lease, name))
            if not _lease.is_evicted(found):
                raise
