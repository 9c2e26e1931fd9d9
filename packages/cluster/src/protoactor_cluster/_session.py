"""One membership: from joining under an id until leaving or being evicted."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection, Iterable
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

from protoactor_cluster import telemetry
from protoactor_cluster._gossip_actor import gossiping
from protoactor_cluster._gossiper import Gossiper
from protoactor_cluster._infrastructure import infrastructure
from protoactor_cluster._joining import joined, registered
from protoactor_cluster._leaving import leave
from protoactor_cluster._membership import Membership
from protoactor_cluster._spans import end
from protoactor_cluster.errors import MembershipLost
from protoactor_cluster.events import Evicted, MemberSuspected, ProviderFailed
from protoactor_cluster.member_list import MemberList
from protoactor_cluster.placement import PLACEMENT, Placement
from protoactor_cluster.provider import Member, has_arbiter
from protoactor_cluster.topology import TopologyChange, TopologyId

if TYPE_CHECKING:
    from protoactor_cluster.cluster import Cluster

__all__ = ["Session"]

logger = logging.getLogger("protoactor.cluster")
REAFFIRM_AFTER = 1.0
LAST_CHANCE = 1.0
"""Seconds for activations to stop when there is no time to drain them."""
BLOCK_FOR = 3600.0
"""Seconds for which a removed member's system is refused: its id never returns."""


class Session:
    """What a cluster is under one member id; a client has one without an id."""

    def __init__(self, cluster: Cluster, me: Member | None) -> None:
        self.cluster = cluster
        self.me = me
        self.members = MemberList(me, arbiter=has_arbiter(cluster.provider))
        self.membership = Membership(
            cluster.provider,
            cluster.name,
            self.members,
            self._changed,
            self._publish,
        )
        self.gossiper = Gossiper(self, me.id) if me else None
        self.placement = Placement(cluster) if me else None
        self.leaving = False
        self.left = False
        self.joined = asyncio.Event()
        self.lost: asyncio.Future[MembershipLost] = cluster.system.loop.create_future()
        self._runs = False
        self._was_settled = False
        self._drained_by = 0.0
        self._peaceful: set[str] = set()
        self._reaffirming: asyncio.TimerHandle | None = None
        self._following: asyncio.Task[None] | None = None
        self._exit = AsyncExitStack()

    # -- lifetime ------------------------------------------------------------

    async def start(self) -> None:
        """Join, or begin to watch; raises what keeps it from that, and is over then."""
        try:
            await self._start(self._exit)
        except BaseException:
            await self._exit.aclose()
            raise
        self._runs = True

    async def leave(self) -> None:
        """Leave so that nobody's calls fail, as far as time allows."""
        self._drained_by = self.cluster.system.loop.time() + self.cluster.drain_timeout
        try:
            if self.me is not None and self._runs and not self.lost.done():
                self.leaving = True
                await leave(self)
        finally:
            await self._exit.aclose()

    async def abandon(self) -> None:
        """Clear up after an eviction."""
        self.leaving = True
        await self._exit.aclose()

    async def _start(self, stack: AsyncExitStack) -> None:
        cluster = self.cluster
        stack.callback(self._forget_timers)
        if self.gossiper is not None:
            await stack.enter_async_context(gossiping(self.gossiper, cluster.system))
        await stack.enter_async_context(cluster.lookup.run(cluster))
        if self.me is not None:
            self._start_placement(stack)
            await stack.enter_async_context(registered(self, self.me))
        self._following = asyncio.create_task(
            self.membership.follow(), name="membership"
        )
        stack.push_async_callback(self.stop_following)
        if self.me is not None:
            await joined(self)

    def _start_placement(self, stack: AsyncExitStack) -> None:
        system, placement = self.cluster.system, self.placement
        assert placement is not None
        pid = system.spawn_named(infrastructure(lambda: placement), PLACEMENT)
        stack.push_async_callback(self._stop_placement)
        placement.pid = pid

    async def _stop_placement(self) -> None:
        """Every activation ends what it is doing, for `drain_timeout` at most."""
        assert self.placement is not None
        system = self.cluster.system
        left = max(self._drained_by - system.loop.time(), LAST_CHANCE)
        stopped = system.stop(self.placement.pid)
        await asyncio.wait({stopped}, timeout=left)
        if not stopped.done():
            logger.warning("activations have not ended in time")

    async def stop_following(self) -> None:
        """Take no more views; safe to call more than once."""
        if self._following is not None:
            self._following.cancel()
            await asyncio.gather(self._following, return_exceptions=True)

    def _publish(self, event: object) -> None:
        if isinstance(event, ProviderFailed):
            self.cluster.statistics.provider_failures += 1
        self.cluster.system.events.publish(event)

    def _forget_timers(self) -> None:
        if self._reaffirming is not None:
            self._reaffirming.cancel()

    @property
    def was_settled(self) -> bool:
        """Whether all that this member owns was handed over to it once."""
        if not self._was_settled and self._runs:
            self._was_settled = self.cluster.lookup.settled
        return self._was_settled

    # -- what changes ----------------------------------------------------------

    def _changed(self, change: TopologyChange | None) -> None:
        """The member list has moved on, or this member has lost its place."""
        if change is not None:
            self._apply_traced(change)
            if self.me is None or self.me.id in change.current:
                self.joined.set()
        if self.members.eviction is not None:
            self.evict(self.members.eviction)

    def _apply_traced(self, change: TopologyChange) -> None:
        cluster, topology = self.cluster, change.current
        cluster.statistics.topologies += 1
        cluster.statistics.joined += len(change.joined)
        cluster.statistics.left += len(change.left)
        span = cluster.spans.start(
            telemetry.TOPOLOGY,
            headers={},
            attributes={
                telemetry.MEMBER: cluster.member_id,
                telemetry.TOPOLOGY_HASH: f"{topology.hash:016x}",
                telemetry.TOPOLOGY_VERSION: topology.version,
                telemetry.MEMBERS: len(topology),
                telemetry.JOINED: len(change.joined),
                telemetry.LEFT: len(change.left),
            },
        )
        with cluster.spans.activate(span):
            logger.info(
                "topology %s: %d members, %d joined, %d left",
                topology.id,
                len(topology),
                len(change.joined),
                len(change.left),
            )
            self._apply(change)
        end(span)

    def _apply(self, change: TopologyChange) -> None:
        """Let everything follow, in the order that calls rely on."""
        cluster = self.cluster
        for member in change.left:
            cluster.pid_cache.remove_by_member(member.id)
            self._part_from(member)
        cluster.lookup.topology_changed(change)
        if self.gossiper is not None:
            self.gossiper.topology_changed(change)
        if change.current.members:
            cluster.populated.set()
        else:
            cluster.populated.clear()
        cluster.system.events.publish(change)

    def _part_from(self, member: Member) -> None:
        """What a removed member still says is dropped, unless it leaves in peace."""
        if member.id in self._peaceful:
            self._peaceful.discard(member.id)
            return
        remote, reason = self.cluster.remote, f"{member.id} is no member any more"
        if has_arbiter(self.cluster.provider):
            remote.block_list.block(member.id, reason, seconds=BLOCK_FOR)
        if self.cluster.member_at(member.address) is None:
            remote.disconnect(member.address, reason)

    def block(
        self, member_ids: Collection[str], reason: str, *, peaceful: bool = False
    ) -> None:
        """Remove members although the provider still lists them."""
        known = [id for id in member_ids if id in self.members.topology]
        if known:
            logger.info("removing %s: %s", ", ".join(known), reason)
        if peaceful:
            self._peaceful.update(known)
        now = self.cluster.system.loop.time()
        self.membership.take(self.members.block(member_ids, now))

    def hear(self, member_id: str, theirs: TopologyId, ids: Iterable[str]) -> None:
        """A member says which topology it has."""
        if self.members.returning:
            self.members.meet(tuple(ids))
            now = self.cluster.system.loop.time()
            self.membership.take(self.members.advance(now))
        self.membership.take(self.members.hear(member_id, theirs))

    def reaffirm_later(self, version: int) -> None:
        """A peer has counted further: follow, unless a newer topology comes soon."""

        def reaffirm() -> None:
            self.membership.take(self.members.reaffirm(version))

        self._forget_timers()
        loop = self.cluster.system.loop
        self._reaffirming = loop.call_later(REAFFIRM_AFTER, reaffirm)

    def suspect(self, member_ids: frozenset[str]) -> None:
        """These members miss heartbeats: they get no new activations."""
        for member_id in member_ids - self.members.suspected:
            member = self.members.topology.by_id.get(member_id)
            if member is not None:
                self.cluster.system.events.publish(MemberSuspected(member))
        self.members.suspect(member_ids)

    def evict(self, reason: str) -> None:
        """From now on this member serves nothing, and no reply of it leaves."""
        if self.lost.done() or self.left or self.me is None:
            return
        logger.error(
            "cluster %r: membership of %s lost: %s", self.cluster.name, self.me, reason
        )
        self.members.evict(reason)
        if self.placement is not None:
            self.placement.activations.stop_all()
        self.cluster.remote.start_over()
        self.lost.set_result(MembershipLost(reason))
        self.membership.close()
        self.cluster.system.events.publish(Evicted(self.me.id, reason))
