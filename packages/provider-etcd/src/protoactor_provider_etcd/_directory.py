"""What etcd says about a cluster's members, without the entries that say nothing."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass

from protoactor_cluster.provider import Member
from protoactor_provider_etcd._entry import Change, Entry, Listing
from protoactor_provider_etcd._record import Folder, NotARecord, decode

__all__ = ["Directory", "Listed"]

_log = logging.getLogger("protoactor.provider.etcd")


@dataclass(frozen=True, slots=True)
class Listed:
    """A member and the revision of its registration."""

    member: Member
    since: int


class Directory:
    """The members of one folder at one revision of the store."""

    def __init__(self, folder: Folder) -> None:
        self._folder = folder
        self._skipped: set[bytes] = set()
        self.members: dict[str, Listed] = {}
        self.revision = 0

    def replace(self, listing: Listing) -> None:
        """Take over a whole listing."""
        self._skipped &= {entry.key for entry in listing.entries}
        self.members = {}
        for entry in listing.entries:
            self._put(entry)
        self.revision = listing.revision

    def apply(self, changes: Iterable[Change]) -> None:
        """Take over what changed since."""
        for change in changes:
            self._forget(change.key)
            if change.entry is not None:
                self._put(change.entry)
            else:
                self._skipped.discard(change.key)
            self.revision = change.revision

    def _put(self, entry: Entry) -> None:
        try:
            member_id = self._folder.member_id(entry.key)
            member = decode(member_id, entry.value)
        except NotARecord as error:
            if entry.key not in self._skipped:
                _log.warning(
                    "skipped %r in etcd, it is no member: %s", entry.key, error
                )
            self._skipped.add(entry.key)
        else:
            self._skipped.discard(entry.key)
            self.members[member_id] = Listed(member, entry.created)

    def _forget(self, key: bytes) -> None:
        self.members.pop(
            key.decode(errors="replace").removeprefix(self._folder.path), None
        )
