"""Activations that this member, as owner, has asked others to start."""

from __future__ import annotations

from collections.abc import Collection
from enum import Enum
from typing import NamedTuple

from protoactor_cluster.identity import ClusterIdentity

__all__ = ["SpawnOutcome", "Spawns"]


class _Question(NamedTuple):
    number: int
    member_id: str
    starts: bool


class SpawnOutcome(Enum):
    """What is known about a question to a host."""

    ANSWERED = "the host answered"
    NOT_DELIVERED = "the host certainly did not get it"
    UNKNOWN = "the host may have got it"


class Spawns:
    """Which member was asked for which identity, and where the outcome is unknown.

    When an answer is lost the activation may exist. The owner must not try
    another member then: it asks the same one again, which answers with what it
    has. A new topology ends the doubt: that member reports what it has, and
    from then on refuses what was asked before. So does the answer to a `check`,
    a question that starts nothing.
    """

    def __init__(self) -> None:
        self._count = 0
        self._in_flight: dict[ClusterIdentity, _Question] = {}
        self._in_doubt: dict[ClusterIdentity, dict[str, None]] = {}

    @property
    def settled(self) -> bool:
        """Whether no answer is outstanding that may tell of a new activation."""
        return not any(question.starts for question in self._in_flight.values())

    def begin(self, identity: ClusterIdentity, member_id: str) -> int:
        """The member is about to be asked; returns the number of the question.

        Send it at once: members expect a requester's numbers in ascending order.
        """
        return self._begin(identity, member_id, starts=True)

    def check(self, identity: ClusterIdentity, member_id: str) -> int:
        """As `begin`, for the question whether the identity lives there."""
        return self._begin(identity, member_id, starts=False)

    def settle(
        self, identity: ClusterIdentity, number: int, outcome: SpawnOutcome
    ) -> None:
        """The question with this number is over; ignored if a later one is in flight."""
        question = self._in_flight.get(identity)
        if question is None or question.number != number:
            return
        del self._in_flight[identity]
        if outcome is SpawnOutcome.ANSWERED:
            # hosts ignore what arrives after a later question: the doubt is over
            self._trust(identity, question.member_id)
        elif outcome is SpawnOutcome.UNKNOWN:
            self.suspect(identity, question.member_id)

    def suspect(self, identity: ClusterIdentity, member_id: str) -> None:
        """The identity may live on this member."""
        self._in_doubt.setdefault(identity, {})[member_id] = None

    def is_in_flight(self, identity: ClusterIdentity) -> bool:
        return identity in self._in_flight

    def must_ask(self, identity: ClusterIdentity) -> str | None:
        """The only member that may be asked, if an earlier outcome is unknown."""
        return next(iter(self._in_doubt.get(identity, ())), None)

    def suspected(self, identity: ClusterIdentity) -> Collection[str]:
        """The members on which it may live for all we know."""
        return self._in_doubt.get(identity, {}).keys()

    def start_over(self, members: Collection[str]) -> tuple[ClusterIdentity, ...]:
        """A new topology: ends all doubt; returns what was asked of members that left."""
        self._in_doubt.clear()
        asked = self._in_flight.items()
        lost = tuple(id for id, it in asked if it.member_id not in members)
        for identity in lost:
            del self._in_flight[identity]
        return lost

    def _begin(self, identity: ClusterIdentity, member_id: str, *, starts: bool) -> int:
        self._count += 1
        self._in_flight[identity] = _Question(self._count, member_id, starts)
        return self._count

    def _trust(self, identity: ClusterIdentity, member_id: str) -> None:
        members = self._in_doubt.get(identity, {})
        members.pop(member_id, None)
        if not members:
            self._in_doubt.pop(identity, None)
