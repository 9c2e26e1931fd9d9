"""What etcd says about a cluster's members, without the entries that say nothing."""

from __future__ import annotations

from collections.abc import Iterable

from protoactor_cluster.spi import Listed, NotARecord, Skips, decode_record
from protoactor_provider_etcd._entry import Change, Entry, Listing
from protoactor_provider_etcd._folder import Folder

__all__ = ["Directory"]


class Directory:
    """The members of one folder at one revision of the store."""

    def __init__(self, folder: Folder) -> None:
        self._folder = folder
        self._skips = Skips("etcd")
        self.members: dict[str, Listed] = {}
        self.revision = 0

    def replace(self, listing: Listing) -> None:
        """Take over a whole listing."""
        self._skips.keep_only(entry.key for entry in listing.entries)
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
                self._skips.forget(change.key)
            self.revision = change.revision

    def _put(self, entry: Entry) -> None:
        try:
            member_id = self._folder.member_id(entry.key)
            member = decode_record(entry.value, member_id)
        except NotARecord as error:
            self._skips.skip(entry.key, error)
        else:
            self._skips.forget(entry.key)
            self.members[member_id] = Listed(member, entry.created)

    def _forget(self, key: bytes) -> None:
        self.members.pop(
            key.decode(errors="replace").removeprefix(self._folder.path), None
        )
