"""What an owner knew of a member, and the member's whole answer does not name."""

from __future__ import annotations

from protoactor_cluster.handover.chunk import digest_of
from protoactor_cluster.handover.owner_table import ActivationsByIdentity, OwnerTable

__all__ = ["Leftover"]


class Leftover:
    """Is looked through step by step: it may be most of the table.

    If the member has named everything, the rest has ended there and is removed;
    otherwise it is what the member left out, and has to be as many as it says.
    What was looked at counts as confirmed: another member's report of it, between
    two steps, is that of a duplicate.
    """

    def __init__(
        self, table: OwnerTable, unconfirmed: ActivationsByIdentity, *, ended: bool
    ) -> None:
        self.count = 0
        self.digest = 0
        self._table = table
        self._unconfirmed = unconfirmed
        self._ended = ended

    def look(self, count: int) -> bool:
        """Go through up to so many more; says whether some are left."""
        rest, get = self._unconfirmed, self._table.get
        part = [rest.popitem()[1] for _ in range(min(count, len(rest)))]
        known = [it for it in part if get(it.identity) == it]
        if self._ended:
            for gone in known:
                self._table.remove(gone.identity, gone.pid)
        else:
            self.count += len(known)
            self.digest = digest_of(known, self.digest)
        return bool(rest)
