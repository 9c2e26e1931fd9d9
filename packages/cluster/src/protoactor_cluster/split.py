"""What happens when a split without an arbiter heals.

A provider whose members only ping each other cannot tell a dead member from an
unreachable one. So an absent member is not blocked: it is *unreachable*, and
when it is listed again it is *returning* until the two sides have compared
their members. If the sides share a member there was no real split and it is
admitted. If they share none, the side with fewer members yields (on a tie the
side without the lowest member id) and rejoins under new ids.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from enum import Enum

__all__ = ["UnreachableMembers", "Verdict", "judge"]


class Verdict(Enum):
    """What two sides that meet have to do."""

    NO_SPLIT = "no split"
    WE_YIELD = "we yield"
    THEY_YIELD = "they yield"


def judge(mine: Collection[str], theirs: Collection[str]) -> Verdict:
    """Which of two sides, given as member ids, yields; both sides agree on it."""
    if not mine or not theirs or set(mine) & set(theirs):
        return Verdict.NO_SPLIT
    we_keep = (-len(mine), min(mine)) < (-len(theirs), min(theirs))
    return Verdict.THEY_YIELD if we_keep else Verdict.WE_YIELD


class UnreachableMembers:
    """Members that vanished from views, and those of them that are returning.

    A returning member that nobody met within `patience` seconds is admitted
    all the same: hand-over then resolves what both sides activated.
    """

    def __init__(self, patience: float = 5.0, capacity: int = 10_000) -> None:
        self._patience = patience
        self._capacity = capacity
        self._back_since: dict[str, float | None] = {}

    @property
    def returning(self) -> frozenset[str]:
        """Listed again and not yet met: exchange gossip with these as well."""
        back = self._back_since.items()
        return frozenset(id for id, since in back if since is not None)

    @property
    def next_deadline(self) -> float | None:
        """When the patience with the first returning member ends."""
        times = [since for since in self._back_since.values() if since is not None]
        return min(times) + self._patience if times else None

    def add(self, member_ids: Iterable[str]) -> None:
        """These members are absent from the newest view."""
        self._back_since.update(dict.fromkeys(member_ids))
        for oldest in list(self._back_since)[: len(self._back_since) - self._capacity]:
            del self._back_since[oldest]

    def discard(self, member_ids: Iterable[str]) -> None:
        """These members have been met, or are gone for good."""
        for member_id in member_ids:
            self._back_since.pop(member_id, None)

    def admitted(self, listed: Iterable[str], now: float) -> set[str]:
        """The ids among `listed` that may be members at the time `now`."""
        listed = set(listed)
        for member_id, since in list(self._back_since.items()):
            if member_id not in listed:
                self._back_since[member_id] = None
            elif since is None:
                self._back_since[member_id] = now
            elif now - since >= self._patience:
                del self._back_since[member_id]
        return listed - self._back_since.keys()

    def __contains__(self, member_id: object) -> bool:
        return member_id in self._back_since
