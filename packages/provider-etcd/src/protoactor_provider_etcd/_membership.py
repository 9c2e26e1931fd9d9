"""What a provider knows of one cluster, for the event loop: its member, its watchers."""

from __future__ import annotations

import asyncio

from protoactor_cluster.errors import ClusterError, MembershipLost
from protoactor_cluster.provider import Member

__all__ = ["Membership"]


class Membership:
    """The member that this process keeps in a cluster, if it joined."""

    def __init__(self, cluster: str) -> None:
        self._cluster = cluster
        self.watchers: set[asyncio.Event] = set()
        self.member: Member | None = None
        self.revision: int | None = None
        self.lost: MembershipLost | None = None
        self._leaving = False

    def claim(self, member: Member) -> None:
        """Make room for one member; raises `ClusterError` if there is one already."""
        if self.member is not None:
            raise ClusterError(
                f"this EtcdProvider keeps {self.member} in {self._cluster!r} already: "
                f"give {member} a provider of its own"
            )
        self.member = member
        self.lost = None
        self._leaving = False

    def registered(self, revision: int) -> None:
        """The store holds the member's key since this revision."""
        if not self._leaving:
            self.revision = revision
            self._wake()

    def evicted(self, reason: str) -> None:
        """The other members have seen a store without this member."""
        if self.lost is None:
            self.lost = MembershipLost(
                f"{self.member} was evicted from cluster {self._cluster!r}: {reason}"
            )
        self._wake()

    def leave(self) -> None:
        """From now on, that the member's key disappears means nothing."""
        self._leaving = True
        self.revision = None
        self._wake()

    def release(self) -> None:
        """The member has left."""
        self.member = None

    def _wake(self) -> None:
        for watcher in self.watchers:
            watcher.set()
