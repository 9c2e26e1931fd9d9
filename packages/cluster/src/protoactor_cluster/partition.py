"""The default lookup: every identity is owned by one member, by consistent hashing.

The owner knows where the activation lives, which may be any member.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from opentelemetry.trace import SpanContext

from protoactor import PID
from protoactor_cluster._asking import Asking
from protoactor_cluster._identity_owner import (
    IDENTITY_OWNER,
    GossipHeard,
    IdentityOwner,
)
from protoactor_cluster._infrastructure import infrastructure
from protoactor_cluster.errors import ClusterError
from protoactor_cluster.handover import Activation, HandoverTimeouts
from protoactor_cluster.hash_ring import HashRing
from protoactor_cluster.identity import ClusterIdentity
from protoactor_cluster.topology import Topology, TopologyChange

if TYPE_CHECKING:
    from protoactor_cluster.cluster import Cluster

__all__ = ["PartitionLookup"]


class PartitionLookup:
    """Asks the owner of an identity; ownership follows the topology.

    Serves one cluster at a time. With `delta` a hand-over moves only what changes
    owner; without, every member tells every owner all that it hosts.
    """

    name = "partition"
    hands_over = True

    def __init__(
        self, timeouts: HandoverTimeouts | None = None, *, delta: bool = True
    ) -> None:
        self._timeouts = timeouts or HandoverTimeouts()
        self._delta = delta
        self._ring = HashRing(())
        self._running: Cluster | None = None
        self._asking: Asking | None = None
        self._owner: IdentityOwner | None = None
        self._owner_pid: PID | None = None

    @classmethod
    def from_url(cls, url: str) -> PartitionLookup:
        """`partition`; it takes no options."""
        if url != cls.name:
            raise ValueError(f"the partition lookup takes no options: {url!r}")
        return cls()

    @asynccontextmanager
    async def run(self, cluster: Cluster) -> AsyncGenerator[None, None]:
        if self._running is not None:
            raise ClusterError("this lookup serves a cluster already: make another one")
        self._running = cluster
        self._asking = Asking(cluster, self.owner_actor, relayed=True)
        try:
            if not cluster.is_client:
                self._start_owner(cluster)
            with self._asking.listening():
                yield
        finally:
            if self._owner_pid is not None:
                await cluster.system.stop(self._owner_pid)
            self._owner = self._owner_pid = self._running = self._asking = None
            self._ring = HashRing(())

    def _start_owner(self, cluster: Cluster) -> None:
        owner = self._owner = IdentityOwner(cluster, self._timeouts, delta=self._delta)
        pid = cluster.system.spawn_named(infrastructure(lambda: owner), IDENTITY_OWNER)
        self._owner_pid = pid
        gossiper = cluster.gossiper
        if gossiper is not None:
            gossiper.on_change(lambda: cluster.system.send(pid, GossipHeard()))

    async def get(
        self, identity: ClusterIdentity, *, timeout: float, dead: PID | None = None
    ) -> PID:
        if self._asking is None:
            raise ClusterError("the lookup does not run: enter the cluster first")
        return await self._asking.get(identity, timeout=timeout, dead=dead)

    def topology_changed(self, change: TopologyChange) -> None:
        self._ring = HashRing(change.current.members, self._ring)
        if self._owner_pid is not None and self._running is not None:
            headers = self._running.spans.headers(None)
            self._running.system.send(self._owner_pid, change, headers=headers)

    def leave(self) -> None:
        cluster = self._running
        if cluster is None:
            return
        now = cluster.topology
        others = [m for m in now.members if m.id != cluster.member_id]
        rest = Topology.of(others, now.version + 1)
        self.topology_changed(TopologyChange(now, rest))

    def may_host(self, identity: ClusterIdentity) -> bool:
        return True

    def owner_of(self, identity: ClusterIdentity) -> str | None:
        """Address of the member that owns the identity."""
        owner = self._ring.owner(identity.name)
        return owner.address if owner else None

    def known(self, identity: ClusterIdentity) -> Activation | None:
        """Where it lives, if this member owns it and knows."""
        return self._owner.table.get(identity) if self._owner else None

    @property
    def handover_trace(self) -> SpanContext | None:
        """Of the hand-over under way, or of the last one."""
        return self._owner.trace if self._owner else None

    def owner_actor(self, identity: ClusterIdentity) -> PID | None:
        owner = self.owner_of(identity)
        return PID(owner, IDENTITY_OWNER) if owner else None

    @property
    def settled(self) -> bool:
        return self._owner is None or self._owner.is_settled
