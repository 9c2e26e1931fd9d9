"""The lookup of clusters with protoactor-go members: owner and host are one.

A member owns what protoactor-go's rendezvous hash says, and hosts it itself. When
the topology changes, an identity with a new owner is stopped where it was and
begins anew; until the old activation has handled what had arrived there, both live.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from protoactor import PID
from protoactor_cluster._asking import Asking
from protoactor_cluster.errors import ClusterError
from protoactor_cluster.identity import ClusterIdentity
from protoactor_cluster.placement import PLACEMENT
from protoactor_cluster.rendezvous import Rendezvous
from protoactor_cluster.topology import TopologyChange

if TYPE_CHECKING:
    from protoactor_cluster.cluster import Cluster

__all__ = ["DistHashLookup"]


class DistHashLookup:
    """Asks the member that protoactor-go's hash names; nothing is handed over.

    Serves one cluster at a time.
    """

    name = "disthash"
    hands_over = False

    def __init__(self) -> None:
        self._rendezvous = Rendezvous(())
        self._running: Cluster | None = None
        self._asking: Asking | None = None

    @classmethod
    def from_url(cls, url: str) -> DistHashLookup:
        """`disthash`; it takes no options."""
        if url != cls.name:
            raise ValueError(f"the disthash lookup takes no options: {url!r}")
        return cls()

    @asynccontextmanager
    async def run(self, cluster: Cluster) -> AsyncGenerator[None, None]:
        if self._running is not None:
            raise ClusterError("this lookup serves a cluster already: make another one")
        self._running = cluster
        self._asking = Asking(cluster, self._host)
        try:
            yield
        finally:
            self._running = self._asking = None
            self._rendezvous = Rendezvous(())

    async def get(
        self, identity: ClusterIdentity, *, timeout: float, dead: PID | None = None
    ) -> PID:
        if self._asking is None:
            raise ClusterError("the lookup does not run: enter the cluster first")
        return await self._asking.get(identity, timeout=timeout, dead=dead)

    def topology_changed(self, change: TopologyChange) -> None:
        self._rendezvous = Rendezvous(change.current.members)
        self._relocate(change)

    def leave(self) -> None:
        cluster = self._running
        if cluster is None:
            return
        me, members = cluster.member_id, cluster.topology.members
        self._rendezvous = Rendezvous(m for m in members if m.id != me)

    def may_host(self, identity: ClusterIdentity) -> bool:
        cluster = self._running
        return cluster is not None and (
            self.owner_of(identity) == cluster.member_address
        )

    def owner_of(self, identity: ClusterIdentity) -> str | None:
        """Address of the member that owns and hosts the identity."""
        owner = self._rendezvous.owner(identity.kind, identity.name)
        return owner.address if owner else None

    def owner_actor(self, identity: ClusterIdentity) -> PID | None:
        return None

    @property
    def settled(self) -> bool:
        return True

    def _host(self, identity: ClusterIdentity) -> PID | None:
        owner = self.owner_of(identity)
        return PID(owner, PLACEMENT) if owner else None

    def _relocate(self, change: TopologyChange) -> None:
        cluster = self._running
        if cluster is not None and not cluster.is_client:
            placement = PID(cluster.member_address, PLACEMENT)
            cluster.system.send(placement, change)
