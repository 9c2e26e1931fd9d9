"""What etcd says about a cluster's members, without the entries that say nothing."""

from __future__ import annotations

import logging
from collections.abc import Iterable

from protoactor_cluster.provider import Member
from protoactor_provider_etcd._changes import Change
from protoactor_provider_etcd._client import Listing
from protoactor_provider_etcd._record import Folder, NotARecord, decode

__all__ = ["Directory"]

_log = logging.getLogger("protoactor.provider.etcd")


class Directory:
    """The members of one folder at one revision of the store."""

    def __init__(self, folder: Folder) -> None:
        self._folder = folder
        self._skipped: set[bytes] = set()
        self.members: dict[str, Member] = {}
        self.revision = 0

    def replace(self, listing: Listing) -> None:
        """Take over a whole listing."""
        self._skipped &= {key for key, _ in listing.entries}
        self.members = {}
        for key, value in listing.entries:
            self._put(key, value)
        self.revision = listing.revision

    def apply(self, changes: Iterable[Change]) -> None:
        """Take over what changed since."""
        for change in changes:
            self._forget(change.key)
            if change.value is None:
                self._skipped.discard(change.key)
            else:
                self._put(change.key, change.value)
            self.revision = max(self.revision, change.revision)

    def _put(self, key: bytes, value: bytes) -> None:
        try:
            member_id = self._folder.member_id(key)
            self.members[member_id] = decode(member_id, value)
            self._skipped.discard(key)
        except NotARecord as error:
            if key not in self._skipped:
                _log.warning("skipped %r in etcd: it is no member: %s", key, error)
            self._skipped.add(key)

    def _forget(self, key: bytes) -> None:
        try:
            self.members.pop(self._folder.member_id(key), None)
        except NotARecord:
            return
