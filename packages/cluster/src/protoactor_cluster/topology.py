"""Who is in the cluster, at one point of a member's history.

Hashes are the same on every member but have no order, and A, B, A again has two
equal ones; a counter of its own has an order but means nothing to others. So a
topology is identified by both, and the counter is a logical clock that members
share (`MemberList` keeps it):

- it grows by at least one whenever a member's own list changes;
- a member that hears a peer name *the same hash* with a larger version takes
  that version over.

Hence, once all members name one `(version, hash)`, each of them has used only
smaller versions for anything else before, A's earlier turn included. A message
that carries the `TopologyId` of its sender is thereby recognizable as stale by
comparing versions, without asking anybody. Equal versions with different hashes
are views that differ at the same time: neither is older.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from protoactor_cluster.hashing import murmur3_x64_64
from protoactor_cluster.provider import Member

__all__ = ["Topology", "TopologyChange", "TopologyId", "topology_hash"]


def topology_hash(member_ids: Iterable[str]) -> int:
    """protoactor-go's hash of a set of member ids; of none it is 0."""
    return murmur3_x64_64("".join(sorted(member_ids)).encode())


class TopologyId(NamedTuple):
    """What identifies a topology to every member; travels as two uint64."""

    version: int
    hash: int

    def is_older_than(self, other: TopologyId) -> bool:
        """Whether whoever uses this one has yet to see what `other` stands for."""
        return self.version < other.version

    def __str__(self) -> str:
        return f"{self.version}:{self.hash:016x}"


@dataclass(frozen=True)
class Topology:
    """Members in ascending order of id, and the version that the list has here."""

    version: int
    members: tuple[Member, ...]

    @classmethod
    def of(cls, members: Iterable[Member], version: int) -> Topology:
        """A topology of these members, in any order."""
        return cls(version, tuple(sorted(members, key=lambda member: member.id)))

    @cached_property
    def by_id(self) -> dict[str, Member]:
        """The members by id."""
        return {member.id: member for member in self.members}

    @cached_property
    def hash(self) -> int:
        """protoactor-go's topology hash: of the members' ids alone."""
        return topology_hash(self.by_id)

    @property
    def id(self) -> TopologyId:
        return TopologyId(self.version, self.hash)

    def __contains__(self, member_id: object) -> bool:
        return member_id in self.by_id

    def __len__(self) -> int:
        return len(self.members)


@dataclass(frozen=True, slots=True)
class TopologyChange:
    """From one topology of a member to its next."""

    previous: Topology
    current: Topology

    @property
    def joined(self) -> tuple[Member, ...]:
        """Members that the previous topology lacked."""
        return _missing(self.current, self.previous)

    @property
    def left(self) -> tuple[Member, ...]:
        """Members that the current topology lacks."""
        return _missing(self.previous, self.current)

    @property
    def updated(self) -> tuple[Member, ...]:
        """Members, as they are now, whose kinds or metadata changed."""
        before = self.previous.by_id
        return tuple(
            member
            for member in self.current.members
            if before.get(member.id, member) != member
        )


def _missing(whole: Topology, part: Topology) -> tuple[Member, ...]:
    return tuple(member for member in whole.members if member.id not in part)
