"""Marks in Kubernetes: a member that others have dropped may not renew its Lease."""

from __future__ import annotations

from lightkube.resources.coordination_v1 import Lease

from protoactor_cluster.spi import Contact, Unavailable
from protoactor_provider_kubernetes import _lease
from protoactor_provider_kubernetes._connection import Connection
from protoactor_provider_kubernetes._fault import Conflict, Missing
from protoactor_provider_kubernetes._names import lease_name
from protoactor_provider_kubernetes._settings import Settings
from protoactor_provider_kubernetes._sightings import Sightings

__all__ = ["Evictions"]


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
        return True

    def close(self) -> None:
        self._connection.close()

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
