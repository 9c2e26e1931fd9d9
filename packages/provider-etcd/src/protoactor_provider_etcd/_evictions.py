"""Marks in etcd: a member that others have dropped may not come back under its id."""

from __future__ import annotations

from protoactor_cluster.spi import now
from protoactor_provider_etcd._client import Etcd
from protoactor_provider_etcd._connection import Connection
from protoactor_provider_etcd._fault import LeaseGone
from protoactor_provider_etcd._folder import Folder

__all__ = ["Evictions"]

KEPT = 24 * 3600
RENEWED = 3600.0


class Evictions:
    """Sets the marks of one folder; blocking, for the thread that owns `connection`.

    Setting a mark and registering again exclude each other in etcd: either everybody
    keeps the member, or the member learns that it is out.
    """

    def __init__(self, connection: Connection, folder: Folder) -> None:
        self._connection = connection
        self._folder = folder
        self._lease: int | None = None
        self._granted = 0.0

    def mark(self, member_id: str, since: int) -> bool:
        """Drop a member for good; False if it registered again after `since`.

        Raises a `Fault` if etcd did not decide.
        """
        return self._connection.call(lambda etcd: self._mark(etcd, member_id, since))

    def _mark(self, etcd: Etcd, member_id: str, since: int) -> bool:
        key, mark = self._folder.key(member_id), self._folder.mark(member_id)
        try:
            lease = self._living_lease(etcd)
            return etcd.put_unless(key, since, mark, b"", lease) is not None
        except LeaseGone:  # wiped away with everything else
            self._lease = None
            lease = self._living_lease(etcd)
            return etcd.put_unless(key, since, mark, b"", lease) is not None

    def _living_lease(self, etcd: Etcd) -> int:
        """One lease for the marks of an hour: they end by themselves a day later."""
        if self._lease is None or now() - self._granted > RENEWED:
            self._lease = etcd.grant(KEPT)
            self._granted = now()
        return self._lease
