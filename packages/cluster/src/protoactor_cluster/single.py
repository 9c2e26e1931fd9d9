"""A cluster of one member, without a network or a service: for small programs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from protoactor import PID
from protoactor_cluster._asking import Asking
from protoactor_cluster.errors import ClusterError, NotAMember
from protoactor_cluster.identity import ClusterIdentity
from protoactor_cluster.placement import PLACEMENT
from protoactor_cluster.provider import Member, MembershipView
from protoactor_cluster.topology import TopologyChange

if TYPE_CHECKING:
    from protoactor_cluster.cluster import Cluster

__all__ = ["SingleMemberLookup", "SingleMemberProvider"]


class SingleMemberLookup:
    """Everything lives on this member. Clients cannot use it."""

    name = "single"
    hands_over = False

    def __init__(self) -> None:
        self._asking: Asking | None = None

    @asynccontextmanager
    async def run(self, cluster: Cluster) -> AsyncGenerator[None, None]:
        if cluster.is_client:
            raise NotAMember("a single member has no clients: use another lookup")
        if self._asking is not None:
            raise ClusterError("this lookup serves a cluster already: make another one")
        me = PID(cluster.member_address, PLACEMENT)
        self._asking = Asking(cluster, lambda _: me)
        try:
            yield
        finally:
            self._asking = None

    async def get(
        self, identity: ClusterIdentity, *, timeout: float, dead: PID | None = None
    ) -> PID:
        if self._asking is None:
            raise ClusterError("the lookup does not run: enter the cluster first")
        return await self._asking.get(identity, timeout=timeout, dead=dead)

    def topology_changed(self, change: TopologyChange) -> None:
        pass

    def leave(self) -> None:
        pass

    def may_host(self, identity: ClusterIdentity) -> bool:
        return True

    def owner_actor(self, identity: ClusterIdentity) -> PID | None:
        return None

    @property
    def settled(self) -> bool:
        return True


class SingleMemberProvider:
    """A `ClusterProvider` that lists the one member that joined it."""

    def __init__(self) -> None:
        self._member: Member | None = None
        self._changed = asyncio.Event()
        self._revision = 0

    @asynccontextmanager
    async def join(self, cluster: str, member: Member) -> AsyncGenerator[None, None]:
        if self._member is not None:
            raise ClusterError(f"{self._member} is the single member already")
        self._list(member)
        try:
            yield
        finally:
            self._list(None)

    async def watch(self, cluster: str) -> AsyncGenerator[MembershipView, None]:
        while True:
            changed = self._changed
            members = () if self._member is None else (self._member,)
            yield MembershipView(members, self._revision)
            await changed.wait()

    def _list(self, member: Member | None) -> None:
        self._member = member
        self._revision += 1
        self._changed.set()
        self._changed = asyncio.Event()
