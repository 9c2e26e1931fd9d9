"""Activations that this member, as owner, has asked others to start."""

from __future__ import annotations

from collections.abc import Collection

from protoactor_cluster.identity import ClusterIdentity

__all__ = ["Spawns"]


class Spawns:
    """Which member was asked for which identity, and where the outcome is unknown.

    When an answer is lost the activation may exist. The owner must not try
    another member then: it asks the same one again, which answers with what it
    has. A new topology ends the doubt: that member reports what it has, and
    from then on refuses what was asked before.
    """

    def __init__(self) -> None:
        self._in_flight: dict[ClusterIdentity, str] = {}
        self._in_doubt: dict[ClusterIdentity, str] = {}

    @property
    def settled(self) -> bool:
        """Whether no answer is outstanding."""
        return not self._in_flight

    def begin(self, identity: ClusterIdentity, member_id: str) -> None:
        """The member is about to be asked."""
        self._in_flight[identity] = member_id

    def end(self, identity: ClusterIdentity, *, outcome_known: bool = True) -> None:
        """It answered, or certainly never got the question; else the outcome is unknown."""
        member_id = self._in_flight.pop(identity, None)
        if outcome_known:
            self._in_doubt.pop(identity, None)
        elif member_id is not None:
            self._in_doubt[identity] = member_id

    def is_in_flight(self, identity: ClusterIdentity) -> bool:
        return identity in self._in_flight

    def must_ask(self, identity: ClusterIdentity) -> str | None:
        """The only member that may be asked, if an earlier outcome is unknown."""
        return self._in_doubt.get(identity)

    def start_over(self, members: Collection[str]) -> tuple[ClusterIdentity, ...]:
        """A new topology: ends all doubt; returns what was asked of members that left."""
        self._in_doubt.clear()
        lost = tuple(id for id, host in self._in_flight.items() if host not in members)
        for identity in lost:
            del self._in_flight[identity]
        return lost
