"""What a provider knows of one cluster: its own member, and who watches."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from protoactor_cluster.errors import ClusterError
from protoactor_cluster.provider import Member

__all__ = ["Membership", "Registration"]


@dataclass(frozen=True, slots=True)
class Registration:
    """The store holds the member since this revision."""

    member: Member
    revision: int


class Membership:
    """The member that this process keeps in a cluster, if it joined.

    Changed in the event loop only; `registration` and `lost` may be read elsewhere.
    """

    def __init__(self, cluster: str) -> None:
        self._cluster = cluster
        self._member: Member | None = None
        self.watchers: set[asyncio.Event] = set()
        self.registration: Registration | None = None
        self.lost: str | None = None

    @property
    def joined(self) -> bool:
        """Whether a member is inside `join`, or about to be."""
        return self._member is not None

    def claim(self, member: Member) -> None:
        """Make room for one member; raises `ClusterError` if there is one already."""
        if self._member is not None:
            raise ClusterError(
                f"this provider keeps {self._member} in {self._cluster!r} already: "
                f"give {member} a provider of its own"
            )
        self._member = member
        self.lost = None

    def registered(self, member: Member, revision: int) -> None:
        """The store has taken the member."""
        if self._member is member:
            self.registration = Registration(member, revision)
            self._wake()

    def evicted(self, member: Member, reason: str) -> None:
        """The other members have dropped this member, or are bound to."""
        if self._member is member and self.lost is None:
            self.lost = f"{member} was evicted from cluster {self._cluster!r}: {reason}"
            self._wake()

    def release(self) -> None:
        """The member leaves: that the store forgets it means nothing from now on."""
        self._member = None
        self.registration = None
        self._wake()

    def _wake(self) -> None:
        for watcher in self.watchers:
            watcher.set()
