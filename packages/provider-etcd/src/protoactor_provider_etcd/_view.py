"""Which members count: what the store says, less removals that have to wait."""

from __future__ import annotations

from protoactor_cluster.provider import Member
from protoactor_provider_etcd._membership import Membership
from protoactor_provider_etcd._mirror import Snapshot

__all__ = ["View"]


class View:
    """The members one watcher was shown, brought up to date picture by picture."""

    def __init__(self, membership: Membership) -> None:
        self._membership = membership
        self._shown: dict[str, Member] = {}
        self._store: Snapshot | None = None

    @property
    def waiting(self) -> bool:
        """Whether a removal is held back."""
        return (
            self._store is None or not self._shown.keys() <= self._store.members.keys()
        )

    def update(self, store: Snapshot, *, hold: bool) -> tuple[Member, ...]:
        """The members by id; with `hold`, nobody leaves.

        Raises `MembershipLost` once the store has dropped our own member.
        """
        self._store = store
        self._shown = {**(self._shown if hold else {}), **store.members}
        own = self._membership
        if own.member is not None and own.revision is not None:
            if not hold and self._dropped(own.member, own.revision, store):
                own.evicted("its key was deleted from etcd")
            self._shown[own.member.id] = own.member
        if own.lost is not None:
            raise own.lost
        return tuple(sorted(self._shown.values(), key=lambda member: member.id))

    def _dropped(self, member: Member, since: int, store: Snapshot) -> bool:
        return store.revision >= since and member.id not in store.members
