"""Which member owns an identity in the partition lookup."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator

from protoactor_cluster.hashing import murmur2_32
from protoactor_cluster.provider import Member

__all__ = ["POINTS_PER_MEMBER", "HashRing", "ring_position"]

POINTS_PER_MEMBER = 50
RING = 1 << 32


def ring_position(name: str) -> int:
    """Where a name lies on every ring; worth keeping beside the name."""
    return murmur2_32(name.encode())


class HashRing:
    """Owners by consistent hashing, as the .NET implementation computes them.

    All members take part, whatever kinds they host, and only the name counts.
    A name belongs to the first point at or after its position.
    """

    def __init__(self, members: Iterable[Member], base: HashRing | None = None) -> None:
        """Points of addresses that `base` holds too are taken from there."""
        self.members = tuple(sorted(members, key=lambda member: member.id))
        known: dict[str, list[int]] = base._points_of if base else {}
        self._points_of: dict[str, list[int]] = {
            member.address: known.get(member.address) or _points(member.address)
            for member in self.members
        }
        points = sorted(
            (point, index)
            for index, member in enumerate(self.members)
            for point in self._points_of[member.address]
        )
        self._points = [point for point, _ in points]
        # one more than there are points: a position past the last one wraps around
        self._owners = [self.members[index] for _, index in (*points, *points[:1])]

    def owner(self, name: str) -> Member | None:
        """The member that answers for this name; `None` on an empty ring."""
        return self.owner_at(ring_position(name)) if self._points else None

    def owner_at(self, position: int) -> Member | None:
        """The member that answers for names at this `ring_position`."""
        if not self._points:
            return None
        return self._owners[bisect_left(self._points, position)]

    def arcs(self) -> Iterator[tuple[int, int, Member]]:
        """Which part of the ring is whose: after one position, up to another."""
        before = self._points[-1] - RING if self._points else 0
        for point, owner in zip(self._points, self._owners, strict=False):
            yield before, point, owner
            before = point

    def shares(self) -> dict[str, float]:
        """Which part of all names each member owns, by id; 1.0 together."""
        shares = dict.fromkeys((member.id for member in self.members), 0.0)
        for start, end, owner in self.arcs():
            shares[owner.id] += (end - start) / RING
        return shares


def _points(address: str) -> list[int]:
    return [murmur2_32(f"{i}{address}".encode()) for i in range(POINTS_PER_MEMBER)]
