"""Who counts as a member: what the store says, less removals that have to wait."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from protoactor_cluster.provider import Member

__all__ = ["Listed", "Roster"]


@dataclass(frozen=True, slots=True)
class Listed:
    """A member in a store; a later registration has a larger `since`."""

    member: Member
    since: int


class Roster:
    """Members come and change with the store, and go one by one, when told to."""

    def __init__(self) -> None:
        self._store: Mapping[str, Listed] = {}
        self._kept: dict[str, Listed] = {}

    def update(self, store: Mapping[str, Listed]) -> None:
        """Take over all that the store has."""
        self._store = dict(store)
        self._kept |= store

    @property
    def missing(self) -> list[str]:
        """The ids of members that the store has no longer."""
        return [member_id for member_id in self._kept if member_id not in self._store]

    def drop(self, member_id: str) -> None:
        """Let go of a missing member."""
        del self._kept[member_id]

    def members(self) -> dict[str, Member]:
        """The members by id, none of them at the same address as another.

        Of two, the one that registered last is the one that is alive: the other is
        the process that had the port before, and its lease has not ended yet.
        """
        by_address = {
            listed.member.address: listed.member
            for listed in sorted(self._kept.values(), key=self._seniority)
        }
        return {member.id: member for member in by_address.values()}

    def _seniority(self, listed: Listed) -> tuple[bool, int]:
        return (listed.member.id in self._store, listed.since)
