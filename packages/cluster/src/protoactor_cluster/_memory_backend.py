"""The membership service inside one process, and what can go wrong with it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias

from protoactor_cluster.errors import MembershipLost
from protoactor_cluster.provider import Member

__all__ = ["Feed", "MemoryBackend", "Records"]

Records: TypeAlias = Literal["kept", "lapsed", "wiped"]
"""What a service still knows when it returns from an outage."""


class Feed(Protocol):
    """One open watch, as the backend sees it."""

    @property
    def cluster(self) -> str: ...

    @property
    def viewer(self) -> str:
        """Who is watching: the id of a member, or the name of a client."""
        ...

    def deliver(self, members: tuple[Member, ...], evicted: bool) -> None:
        """Take the newest members, and whether the viewer itself was evicted."""
        ...

    def hold_removals(self, seconds: float) -> None:
        """Keep showing members that are missing, from now on for this long."""
        ...


class MemoryBackend:
    """The membership service that `MemoryProvider`s share, and its faults.

    A viewer is named by the id of the member it joined, or by its own name if it
    only watches. A member whose `ttl` (seconds) runs out while others are watching
    was evicted; whoever returns in time, or after an outage, was not.
    """

    def __init__(self, *, ttl: float = 5.0) -> None:
        if ttl <= 0:
            raise ValueError(f"ttl must be positive seconds, not {ttl}")
        self.ttl = ttl
        self._up = True
        self._stalled = False
        self._unique_addresses = True
        self._clusters: dict[str, dict[str, _Record]] = {}
        self._evicted: set[tuple[str, str]] = set()
        self._feeds: list[Feed] = []
        self._cut: set[str] = set()
        self._crashed: set[str] = set()
        self._hidden: set[tuple[str, str]] = set()
        self._groups: tuple[frozenset[str], ...] = ()
        self._delays: dict[str, float] = {}

    def members(self, cluster: str) -> tuple[Member, ...]:
        """Who is registered, whatever anybody sees of it."""
        records = self._clusters.get(cluster, {})
        return tuple(record.member for record in records.values())

    def stop(self) -> None:
        """Be unreachable for everybody; nobody's time runs out meanwhile."""
        self._up = False
        for _, record in self._records():
            record.stop_clock()

    def start(self, records: Records = "kept") -> None:
        """Return with every record, with none (`lapsed`), or empty (`wiped`)."""
        self.stop()
        if records != "kept":
            self._clusters.clear()
        if records == "wiped":
            self._evicted.clear()
        self._up = True
        for cluster, record in self._records():
            self._start_clock(cluster, record)
        self._resume(self._feeds)

    def disconnect(self, viewer: str) -> None:
        """Cut one viewer off: it sees nothing new and cannot renew."""
        self._cut.add(viewer)

    def reconnect(self, viewer: str) -> None:
        """End `disconnect`."""
        self._cut.discard(viewer)
        self._resume(feed for feed in self._feeds if feed.viewer == viewer)

    def crash(self, member_id: str) -> None:
        """Let a member die without a word: it neither renews nor deregisters."""
        self._crashed.add(member_id)

    def evict(self, cluster: str, member_id: str) -> None:
        """Remove a member for good, as if its time had run out."""
        if self._drop(cluster, member_id):
            self._evicted.add((cluster, member_id))
            self._changed(cluster)

    def hide(self, member_id: str, *, viewer: str) -> None:
        """Leave a member out of what one viewer sees."""
        if member_id == viewer:
            raise ValueError("a member always sees itself: use evict() instead")
        self._hidden.add((member_id, viewer))
        self._changed()

    def show(self, member_id: str, *, viewer: str) -> None:
        """End `hide`."""
        self._hidden.discard((member_id, viewer))
        self._changed()

    def partition(self, *groups: Iterable[str]) -> None:
        """Let the viewers of each group see its members only."""
        self._groups = tuple(frozenset(group) for group in groups)
        self._changed()

    def heal(self) -> None:
        """End `partition`."""
        self.partition()

    def delay(self, viewer: str, seconds: float) -> None:
        """Deliver what changes from now on to one viewer this much later."""
        self._delays[viewer] = seconds

    def stall_watches(self) -> None:
        """Send no change to anyone; only those who ask again learn of it."""
        self._stalled = True

    def resume_watches(self) -> None:
        """End `stall_watches`."""
        self._stalled = False
        self._changed()

    def allow_duplicates(self) -> None:
        """Let two members hold one address; else the newer one evicts the older."""
        self._unique_addresses = False

    def _register(self, cluster: str, member: Member) -> bool:
        """Add or renew a record; False if unreachable, `MembershipLost` if evicted."""
        if not self._reachable(member.id):
            return False
        if (cluster, member.id) in self._evicted:
            raise MembershipLost(f"{member} was evicted from {cluster!r}")
        records = self._clusters.setdefault(cluster, {})
        known = records.get(member.id)
        if known is None or known.member != member:
            self._add(cluster, member)
        else:
            self._start_clock(cluster, known)
        return True

    def _deregister(self, cluster: str, member: Member) -> None:
        if self._reachable(member.id) and self._drop(cluster, member.id):
            self._changed(cluster)

    def _subscribe(self, feed: Feed) -> None:
        self._feeds.append(feed)
        self._push(feed)

    def _unsubscribe(self, feed: Feed) -> None:
        self._feeds.remove(feed)

    def _push(self, feed: Feed) -> None:
        """Send what this feed's viewer may see, unless nothing reaches it."""
        if not self._reachable(feed.viewer):
            return
        members = tuple(self._visible(feed))
        evicted = (feed.cluster, feed.viewer) in self._evicted
        if delay := self._delays.get(feed.viewer, 0.0):
            _loop().call_later(delay, feed.deliver, members, evicted)
        else:
            feed.deliver(members, evicted)

    def _reachable(self, viewer: str) -> bool:
        return self._up and viewer not in self._cut and viewer not in self._crashed

    def _records(self) -> Iterator[tuple[str, _Record]]:
        for cluster, records in self._clusters.items():
            for record in records.values():
                yield cluster, record

    def _visible(self, feed: Feed) -> Iterator[Member]:
        groups = [group for group in self._groups if feed.viewer in group]
        for id, record in self._clusters.get(feed.cluster, {}).items():
            hidden = (id, feed.viewer) in self._hidden
            if not hidden and all(id in group for group in groups):
                yield record.member

    def _add(self, cluster: str, member: Member) -> None:
        self._drop(cluster, member.id)
        records = self._clusters[cluster]
        if self._unique_addresses:
            for other in [r.member for r in records.values()]:
                if other.address == member.address:
                    self._drop(cluster, other.id)
                    self._evicted.add((cluster, other.id))
        records[member.id] = record = _Record(member)
        self._start_clock(cluster, record)
        self._changed(cluster)

    def _start_clock(self, cluster: str, record: _Record) -> None:
        record.stop_clock()
        record.clock = _loop().call_later(
            self.ttl, self._expire, cluster, record.member
        )

    def _expire(self, cluster: str, member: Member) -> None:
        self._drop(cluster, member.id)
        if any(self._sees_leaving(feed, cluster, member) for feed in self._feeds):
            self._evicted.add((cluster, member.id))
        self._changed(cluster)

    def _sees_leaving(self, feed: Feed, cluster: str, member: Member) -> bool:
        concerned = feed.cluster == cluster and feed.viewer != member.id
        return concerned and self._reachable(feed.viewer)

    def _drop(self, cluster: str, id: str) -> bool:
        record = self._clusters.get(cluster, {}).pop(id, None)
        if record is not None:
            record.stop_clock()
        return record is not None

    def _changed(self, cluster: str | None = None) -> None:
        """Tell every feed, in the order in which they were opened."""
        if not self._stalled:
            for feed in tuple(self._feeds):
                if cluster is None or feed.cluster == cluster:
                    self._push(feed)

    def _resume(self, feeds: Iterable[Feed]) -> None:
        """After an outage, give everybody time to return before anyone is removed."""
        for feed in tuple(feeds):
            feed.hold_removals(self.ttl)
            self._push(feed)


@dataclass(slots=True)
class _Record:
    member: Member
    clock: asyncio.TimerHandle | None = None

    def stop_clock(self) -> None:
        if self.clock is not None:
            self.clock.cancel()


def _loop() -> asyncio.AbstractEventLoop:
    return asyncio.get_running_loop()
