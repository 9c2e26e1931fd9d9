"""Follows the provider's views and tells the cluster what changed."""

from __future__ import annotations

import asyncio
import logging
from contextlib import aclosing
from typing import TYPE_CHECKING

from protoactor_cluster import telemetry
from protoactor_cluster.errors import MembershipLost
from protoactor_cluster.member_list import MemberList
from protoactor_cluster.topology import TopologyChange

if TYPE_CHECKING:
    from protoactor_cluster.cluster import Cluster

__all__ = ["Membership"]

logger = logging.getLogger("protoactor.cluster.membership")


class Membership:
    """One task that consumes `provider.watch`; views in, topology changes out."""

    def __init__(self, cluster: Cluster, members: MemberList) -> None:
        self._cluster = cluster
        self._members = members
        self._timer: asyncio.TimerHandle | None = None
        self.first_view = asyncio.Event()
        self.joined = asyncio.Event()
        self.populated = asyncio.Event()

    async def follow(self) -> None:
        """Runs until cancelled; raises `MembershipLost` when evicted."""
        cluster = self._cluster
        loop = cluster.system.loop
        async with aclosing(cluster.provider.watch(cluster.name)) as views:
            async for view in views:
                self.take(self._members.apply(view, loop.time()))
                self.first_view.set()
                if self._members.eviction is not None:
                    raise MembershipLost(self._members.eviction)
        raise MembershipLost("the provider stopped watching the membership")

    def take(self, change: TopologyChange | None) -> None:
        """Let the cluster follow a change, wherever it came from."""
        self._set_timer()
        if change is None:
            return
        cluster = self._cluster
        topology = change.current
        logger.info(
            "topology %s: %d members, %d joined, %d left",
            topology.id,
            len(topology),
            len(change.joined),
            len(change.left),
        )
        span = cluster.spans.start(
            telemetry.TOPOLOGY,
            root=True,
            attributes={
                telemetry.MEMBER: cluster.member_id,
                telemetry.TOPOLOGY_HASH: f"{topology.hash:016x}",
                telemetry.TOPOLOGY_VERSION: topology.version,
                telemetry.MEMBERS: len(topology),
            },
        )
        cluster.topology_span = span
        with cluster.spans.activate(span):
            cluster.apply(change)
        telemetry.end(span)
        if topology.members:
            self.populated.set()
        else:
            self.populated.clear()
        if cluster.member_id in topology:
            self.joined.set()

    def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def _set_timer(self) -> None:
        """Have the member list look again when something it waits for is due."""
        self.close()
        due = self._members.next_deadline
        if due is not None:
            self._timer = self._cluster.system.loop.call_at(due, self._advance)

    def _advance(self) -> None:
        self._timer = None
        self.take(self._members.advance(self._cluster.system.loop.time()))
