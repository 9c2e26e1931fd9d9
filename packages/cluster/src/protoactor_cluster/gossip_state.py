"""What members tell each other: keyed values that spread by merging, no I/O.

Every member numbers its own values with one growing sequence; a larger number
wins everywhere. What a peer has is remembered when it acknowledges, never when
it is sent, so lost gossip is sent again.

What a peer has is kept as one number per (target, member): entries carry a local
*stamp*, taken in the order in which they arrived here. That equals an offset per
(target, member, key), also where a relay learned a member's values out of order,
at a fraction of the memory.
"""

from __future__ import annotations

import random
from collections.abc import Collection, Iterable, Mapping

from protoactor_cluster._claims import Claims, Relay
from protoactor_cluster.gossip_entry import (
    HEARTBEAT,
    GossipDelta,
    GossipEntry,
    GossipLimits,
    GossipUpdate,
    GossipValue,
)

__all__ = ["GossipState"]


class GossipState:
    """The values of all members as known to the member `me`.

    Others' values are relayed: at once, or after `relay_after` seconds if their
    member is known to tell everybody itself.
    """

    def __init__(
        self,
        me: str,
        limits: GossipLimits | None = None,
        relay_after: float = 0.0,
    ) -> None:
        self.me = me
        self.dropped = 0
        """Entries refused because of `GossipLimits`."""
        self._limits = limits or GossipLimits()
        self._sequence = 0
        self._stamp = 0
        self._members: frozenset[str] = frozenset((me,))
        self._state: dict[str, dict[str, GossipEntry]] = {me: {}}
        self._newest: dict[str, int] = {me: 0}
        self._acknowledged: dict[str, dict[str, int]] = {}
        self._claims = Claims(relay_after)

    def set(self, key: str, value: GossipValue, now: float) -> None:
        """Publish an own value. Raises `ValueError` if it is over a limit."""
        if not self._fits(self._state[self.me], key, value):
            limits = self._limits
            raise ValueError(
                f"gossip {key!r} is too much: at most {limits.keys} keys of "
                f"{limits.key_length} characters, values of {limits.value_bytes} bytes"
            )
        self._sequence += 1
        self._store(self.me, key, self._sequence, value, now)

    def merge(
        self, remote: Mapping[str, Mapping[str, tuple[int, GossipValue]]], now: float
    ) -> list[GossipUpdate]:
        """Take what is newer; what others say about this member itself is an echo."""
        updates: list[GossipUpdate] = []
        for member_id, entries in remote.items():
            if member_id == self.me or not self._may_know(member_id):
                continue
            known = self._state.get(member_id, {})
            for key, (sequence, value) in entries.items():
                # most of what arrives is known already: peers tell it all at once
                if key in known and sequence <= known[key].sequence:
                    continue
                if self._fits(known, key, value):
                    self._store(member_id, key, sequence, value, now)
                    known = self._state[member_id]
                    updates.append(GossipUpdate(member_id, key, value))
                else:
                    self.dropped += 1
        return updates

    def get(self, key: str) -> dict[str, GossipEntry]:
        """Every member's entry under this key, this member's own included."""
        return {
            member_id: entries[key]
            for member_id, entries in self._state.items()
            if key in entries
        }

    def entry(self, member_id: str, key: str) -> GossipEntry | None:
        """One member's entry under this key."""
        return self._state.get(member_id, {}).get(key)

    def delta(
        self, target: str, max_send: int, rng: random.Random, now: float
    ) -> GossipDelta:
        """What `target` lacks: own values first, then `max_send` random members'.

        Strangers are not relayed, or the members that still know one that left
        would keep reminding the others of it.
        """
        has = self._acknowledged.get(target, {})
        others = [
            member_id
            for member_id, newest in self._newest.items()
            if newest > has.get(member_id, 0)
            and member_id in self._members
            and member_id not in (self.me, target)
        ]
        chosen = rng.sample(others, min(max_send, len(others)))
        return self._collect([self.me, *chosen], target, now)

    def own(self, target: str, now: float) -> GossipDelta:
        """What `target` lacks of this member's own values."""
        return self._collect([self.me], target, now)

    def round(
        self,
        peers: Iterable[str],
        fan_out: int,
        max_send: int,
        rng: random.Random,
        now: float,
    ) -> list[tuple[str, GossipDelta]]:
        """News for up to `fan_out` random peers that lack something."""
        shuffled = [peer for peer in peers if peer != self.me]
        rng.shuffle(shuffled)
        news: list[tuple[str, GossipDelta]] = []
        for peer in shuffled:
            if len(news) == fan_out:
                break
            if delta := self.delta(peer, max_send, rng, now):
                news.append((peer, delta))
        return news

    def commit(self, target: str, delta: GossipDelta) -> None:
        """`target` acknowledged this delta: do not send its entries again."""
        if target not in self._members:
            return
        has = self._acknowledged.setdefault(target, {})
        for member_id, mark in delta.marks.items():
            if member_id in self._state and mark > has.get(member_id, 0):
                has[member_id] = mark

    def told(self) -> tuple[int, list[str]]:
        """The number of the newest thing said, and which members lack it."""
        said = [
            entry for key, entry in self._state[self.me].items() if key != HEARTBEAT
        ]
        if not said:
            return 0, []
        newest = max(said, key=lambda entry: entry.sequence)
        lacking = [
            member_id
            for member_id in self._members
            if member_id != self.me
            and self._acknowledged.get(member_id, {}).get(self.me, 0) < newest.stamp
        ]
        return newest.sequence, sorted(lacking)

    def believe(self, member_id: str, told: int, having: frozenset[str]) -> None:
        """A member says that these have all that it said up to the number `told`.

        Ignored unless that is known here too: what is unknown may have been said
        under another topology.
        """
        known = self._state.get(member_id, {}).values()
        if any(entry.sequence == told for entry in known):
            self._claims.believe(member_id, told, having)

    def retain(self, members: Collection[str], now: float) -> None:
        """Forget members that left, and strangers that never became members.

        Call it with every topology, and once per gossip round.
        """
        left = self._members - set(members) - {self.me}
        self._members = frozenset(members) | {self.me}
        for member_id in [id for id in self._state if id not in self._members]:
            if member_id in left or self._is_outdated(member_id, now):
                del self._state[member_id], self._newest[member_id]
                self._claims.forget(member_id)
        for target in [id for id in self._acknowledged if id not in self._members]:
            del self._acknowledged[target]
        for has in self._acknowledged.values():
            for member_id in has.keys() - self._state.keys():
                del has[member_id]

    def _store(
        self, member_id: str, key: str, sequence: int, value: GossipValue, now: float
    ) -> None:
        self._stamp += 1
        entries = self._state.setdefault(member_id, {})
        entries[key] = GossipEntry(sequence, value, now, self._stamp)
        self._newest[member_id] = self._stamp

    def _may_know(self, member_id: str) -> bool:
        if member_id in self._members or member_id in self._state:
            return True
        strangers = len(self._state.keys() - self._members)
        if strangers < self._limits.strangers:
            return True
        self.dropped += 1
        return False

    def _fits(
        self, entries: Mapping[str, GossipEntry], key: str, value: GossipValue
    ) -> bool:
        limits = self._limits
        return (
            (key in entries or len(entries) < limits.keys)
            and len(key) <= limits.key_length
            and len(value.type_url) + len(value.data) <= limits.value_bytes
        )

    def _is_outdated(self, stranger: str, now: float) -> bool:
        newest = max(entry.received_at for entry in self._state[stranger].values())
        return now - newest >= self._limits.stranger_age

    def _collect(self, members: Iterable[str], target: str, now: float) -> GossipDelta:
        has = self._acknowledged.get(target, {})
        delta = GossipDelta()
        room = self._limits.delta_bytes
        for member_id in members:
            held = False
            # oldest first: where the room ends, everything before it is included
            for key, entry in self._fresher_than(member_id, has.get(member_id, 0)):
                claim = self._claims.judge(member_id, key, entry, target, now)
                if claim is Relay.LATER:
                    held = True
                    continue
                if claim is Relay.NOW:
                    room -= len(entry.value.data) + len(key) + len(member_id) + 100
                    if room < 0 and delta:
                        return delta
                    delta.entries.setdefault(member_id, {})[key] = entry
                if not held:
                    delta.marks[member_id] = entry.stamp
        return delta

    def _fresher_than(
        self, member_id: str, stamp: int
    ) -> list[tuple[str, GossipEntry]]:
        entries = self._state[member_id].items()
        fresh = [item for item in entries if item[1].stamp > stamp]
        if len(fresh) > 1:
            fresh.sort(key=lambda item: item[1].stamp)
        return fresh
