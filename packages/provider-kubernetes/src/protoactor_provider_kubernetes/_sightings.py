"""Which Leases are fresh, by what this process has seen itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from lightkube.resources.coordination_v1 import Lease

from protoactor_cluster.provider import Member
from protoactor_cluster.spi import Clock, Listed, NotARecord, Picture, Skips
from protoactor_provider_kubernetes._lease import is_evicted, member_of, revision_of

__all__ = ["Sightings"]


@dataclass(slots=True)
class Sighting:
    """A Lease as it was seen last."""

    lease: Lease
    member: Member
    since: int
    """The revision at the first sight."""
    seen: float
    """When it changed last, by our clock: those of others may be wrong."""


class Sightings:
    """The Leases of one cluster. A Lease that nobody renews for `ttl` has ended.

    `is_ours` tells by its member's id whether a Lease is kept by this process: that
    one is not judged by what we see of it.
    """

    def __init__(
        self, cluster: str, ttl: float, is_ours: Callable[[str], bool], clock: Clock
    ) -> None:
        self._cluster = cluster
        self._ttl = ttl
        self._is_ours = is_ours
        self._clock = clock
        self._skips = Skips("kubernetes")
        self._sightings: dict[str, Sighting] = {}
        self._revision = 0

    def replace(self, leases: Iterable[Lease], revision: int, *, anew: bool) -> None:
        """Take over a whole listing; `anew` gives everybody a full `ttl` from now."""
        before, self._sightings = self._sightings, {}
        named = {_name(lease): lease for lease in leases}
        self._skips.keep_only(named)
        for name, lease in named.items():
            if not anew and name in before:
                self._sightings[name] = before[name]
            self._put(lease)
        self._revision = revision

    def apply(self, operation: str, lease: Lease) -> None:
        """Take over one change of a watch."""
        if operation == "DELETED":
            self._remove(lease)
        elif operation in ("ADDED", "MODIFIED"):
            self._put(lease)

    def _put(self, lease: Lease) -> None:
        name, now = _name(lease), self._clock()
        self._revision = max(self._revision, revision_of(lease))
        old = self._sightings.get(name)
        try:
            member = member_of(lease, self._cluster)
        except NotARecord as error:
            if not is_evicted(lease):
                self._skips.skip(name, error)
            member = None
        if member is None or is_evicted(lease):
            self._sightings.pop(name, None)
        elif old is None or revision_of(old.lease) != revision_of(lease):
            since = old.since if old is not None else revision_of(lease)
            self._sightings[name] = Sighting(lease, member, since, now)

    def _remove(self, lease: Lease) -> None:
        self._revision = max(self._revision, revision_of(lease))
        self._skips.forget(_name(lease))
        self._sightings.pop(_name(lease), None)

    def lease(self, name: str) -> Lease | None:
        """As it was seen last, if it is there and not evicted."""
        sighting = self._sightings.get(name)
        return None if sighting is None else sighting.lease

    def picture(self) -> Picture:
        """The members whose Leases are fresh."""
        now = self._clock()
        fresh = {
            sighting.member.id: Listed(sighting.member, sighting.since)
            for sighting in self._sightings.values()
            if now - sighting.seen <= self._ttl or self._is_ours(sighting.member.id)
        }
        return Picture(fresh, self._revision)


def _name(lease: Lease) -> str:
    assert lease.metadata is not None
    return str(lease.metadata.name)
