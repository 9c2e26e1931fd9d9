"""The members as this process sees them: provider views in, topologies out."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable
from dataclasses import replace

from protoactor_cluster.block_list import BlockList
from protoactor_cluster.provider import Member, MembershipView
from protoactor_cluster.split import UnreachableMembers, Verdict, judge
from protoactor_cluster.topology import Topology, TopologyChange, TopologyId

__all__ = ["MemberList"]

MAX_HEARD = 10_000
VERSION_LIMIT = 1 << 63
"""Peers that name larger versions are wrong; ours must keep fitting in 64 bits."""


class MemberList:
    """Turns views into topologies; versions only grow. No clock and no I/O.

    `me` is `None` in a client. With an `arbiter` (a membership service) a
    member absent from a view has left and its id is blocked for good; without
    one it is merely unreachable, see `split`. Times are monotonic seconds.
    """

    def __init__(self, me: Member | None = None, *, arbiter: bool = True) -> None:
        self.me = me
        self.topology = Topology.of((), 0)
        self.blocked = BlockList()
        self.unreachable = UnreachableMembers()
        self.suspected: frozenset[str] = frozenset()
        self.leaving: frozenset[str] = frozenset()
        """They said that they take no more activations."""
        self.eviction: str | None = None
        """Why this member may not serve any more; nothing changes from then on."""
        self._arbiter = arbiter
        self._view: MembershipView | None = None
        self._known_before: frozenset[str] = frozenset()
        self._was_listed = False
        self._hold_until = -math.inf
        self._heard: dict[str, TopologyId] = {}

    def apply(self, view: MembershipView, now: float) -> TopologyChange | None:
        """Take a provider's view; a revision seen before, or older, is ignored."""
        if self._view is not None:
            if view.revision <= self._view.revision:
                return None
            self._known_before = frozenset(member.id for member in self._view.members)
        self._view = view
        return self._evaluate(now)

    def hold_removals(self, until: float) -> None:
        """Keep members that views lack until then: call it after a reconnect.

        A store that comes back empty fills again within one lease TTL.
        """
        self._hold_until = until

    def advance(self, now: float) -> TopologyChange | None:
        """Do what has become due; see `next_deadline`."""
        return self._evaluate(now)

    @property
    def next_deadline(self) -> float | None:
        """When `advance` should be called although nothing else happens."""
        held = None if self._hold_until == -math.inf else self._hold_until
        both = (held, self.unreachable.next_deadline)
        return min((time for time in both if time is not None), default=None)

    def block(self, member_ids: Iterable[str], now: float) -> TopologyChange | None:
        """Remove these ids for good: peers blocked them or agreed that they died."""
        new = self.blocked.add(member_ids)
        self._forget(new)
        if self.me and self.me.id in new:
            self.evict("other members removed this member")
        return self._evaluate(now) if new else None

    def suspect(self, member_ids: Iterable[str]) -> None:
        """These members miss heartbeats; they stay members but get no activations."""
        self.suspected = frozenset(member_ids)

    def exclude(self, member_id: str) -> None:
        """This member leaves: it stays one until it is gone, but starts nothing."""
        if member_id in self.topology:
            self.leaving |= {member_id}

    def hosts(self, kind: str) -> tuple[Member, ...]:
        """Members for a new activation of `kind`: suspects only if there are no others."""
        hosts = [
            member
            for member in self.topology.members
            if kind in member.kinds and member.id not in self.leaving
        ]
        trusted = [member for member in hosts if member.id not in self.suspected]
        return tuple(trusted or hosts)

    @property
    def returning(self) -> tuple[Member, ...]:
        """Members that vanished and are listed again: exchange gossip with them."""
        ids = self.unreachable.returning
        listed = self._view.members if self._view else ()
        return tuple(member for member in listed if member.id in ids)

    def meet(self, their_ids: Collection[str]) -> Verdict:
        """Compare sides with a returning member, whose topology has `their_ids`.

        Call `advance` afterwards. On `WE_YIELD` this member is evicted.
        """
        if not any(id in self.unreachable for id in their_ids):
            return Verdict.NO_SPLIT
        verdict = judge(self.topology.by_id, their_ids)
        self.unreachable.discard(their_ids)
        if verdict is Verdict.THEY_YIELD:
            self._forget(self.blocked.add(their_ids))
        elif verdict is Verdict.WE_YIELD:
            self.evict("the other side of a healed split has precedence")
        return verdict

    def hear(self, member_id: str, theirs: TopologyId) -> TopologyChange | None:
        """A member says which topology it has; see `topology` for what follows."""
        if member_id in self.blocked or not 0 <= theirs.version < VERSION_LIMIT:
            return None
        self._heard[member_id] = theirs
        if len(self._heard) > MAX_HEARD:
            del self._heard[next(iter(self._heard))]
        if member_id not in self.topology or theirs.hash != self.topology.hash:
            return None
        return self.reaffirm(theirs.version)

    def reaffirm(self, version: int) -> TopologyChange | None:
        """Name the same members with a larger version, if `version` is larger.

        For a member that was refused as stale and sees no newer topology
        within a second or so: views differ, or a member that left had counted
        further. Peers with the same members follow when they hear of it.
        """
        if self.eviction or not self.topology.version < version < VERSION_LIMIT:
            return None
        return self._move_to(replace(self.topology, version=version))

    def _evaluate(self, now: float) -> TopologyChange | None:
        if self._view is None or self.eviction:
            return None
        listed = self._listed(self._view, now)
        if self._lost_my_place(listed):
            return None
        gone = [id for id in self.topology.by_id if id not in listed]
        self._forget(gone)
        if self._arbiter:
            self.blocked.add(gone)
        else:
            self.unreachable.add(id for id in gone if id not in self.blocked)
        return self._move_to(self._next(listed.values()))

    def _forget(self, member_ids: Collection[str]) -> None:
        self.leaving -= frozenset(member_ids)
        for member_id in member_ids:
            self.unreachable.discard((member_id,))
            self._heard.pop(member_id, None)

    def _listed(self, view: MembershipView, now: float) -> dict[str, Member]:
        candidates = {member.id: member for member in view.members}
        if now < self._hold_until:
            candidates = {**self.topology.by_id, **candidates}
        else:
            self._hold_until = -math.inf
        admitted = self.unreachable.admitted(candidates, now)
        allowed = [
            self._at_its_address(member)
            for id, member in candidates.items()
            if id in admitted and id not in self.blocked and not self._replaced(member)
        ]
        return self._one_per_address(allowed)

    def _replaced(self, member: Member) -> bool:
        # an earlier process had the address that this one listens on
        me = self.me
        return me is not None and member.address == me.address and member.id != me.id

    def _at_its_address(self, member: Member) -> Member:
        # an id belongs to one process start, and owners are computed from addresses:
        # peers that saw a change and peers that did not would disagree unnoticed
        known = self.topology.by_id.get(member.id)
        if known is None or known.address == member.address:
            return member
        return replace(member, host=known.host, port=known.port)

    def _one_per_address(self, members: Iterable[Member]) -> dict[str, Member]:
        winners: dict[str, Member] = {}
        for member in members:
            other = winners.setdefault(member.address, member)
            if self._precedence(member) < self._precedence(other):
                winners[member.address] = member
        return {member.id: member for member in winners.values()}

    def _precedence(self, member: Member) -> tuple[bool, bool, str]:
        # after a restart the old record lingers: what appeared later is alive
        listed = member.id in self.topology
        newcomer = not listed and member.id not in self._known_before
        return (not newcomer, not listed, member.id)

    def _lost_my_place(self, listed: Collection[str]) -> bool:
        if self.me is None:
            return False
        if self.me.id in listed:
            self._was_listed = True
        elif self._was_listed:
            self.evict("the membership service no longer lists this member")
        return self.eviction is not None

    def evict(self, reason: str) -> None:
        """This member may not serve any more, for this reason."""
        self.eviction = self.eviction or reason

    def _next(self, members: Iterable[Member]) -> Topology:
        version = self.topology.version
        topology = Topology.of(members, version)
        if topology.by_id.keys() == self.topology.by_id.keys():
            return topology
        heard = (self._heard.get(member.id) for member in topology.members)
        same = [
            theirs.version
            for theirs in heard
            if theirs and theirs.hash == topology.hash
        ]
        return replace(topology, version=max([version + 1, *same]))

    def _move_to(self, topology: Topology) -> TopologyChange | None:
        if topology == self.topology:
            return None
        change = TopologyChange(self.topology, topology)
        self.topology = topology
        return change
