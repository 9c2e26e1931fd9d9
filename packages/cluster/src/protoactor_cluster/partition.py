"""The default lookup: every identity is owned by one member, by consistent hashing.

The owner knows where the activation lives, which may be any member.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from opentelemetry import trace

from protoactor import PID, NotDelivered, OutcomeUnknown
from protoactor_cluster import telemetry
from protoactor_cluster._identity_owner import (
    IDENTITY_OWNER,
    GossipHeard,
    IdentityOwner,
)
from protoactor_cluster._infrastructure import infrastructure
from protoactor_cluster._wire import activation_request, pid_from_wire
from protoactor_cluster.errors import ActivationFailed, IdentityBlocked, KindNotFound
from protoactor_cluster.handover import HandoverTimeouts
from protoactor_cluster.hash_ring import HashRing
from protoactor_cluster.identity import ClusterIdentity
from protoactor_cluster.lookup import NotPlaced
from protoactor_cluster.topology import TopologyChange
from protoactor_cluster.wire import cluster_pb2

if TYPE_CHECKING:
    from protoactor_cluster.cluster import Cluster

__all__ = ["PartitionLookup"]


class PartitionLookup:
    """Asks the owner of an identity; ownership follows the topology.

    Serves one cluster at a time.
    """

    name = "partition"

    def __init__(self, timeouts: HandoverTimeouts | None = None) -> None:
        self._timeouts = timeouts or HandoverTimeouts()
        self._ring = HashRing(())
        self._running: Cluster | None = None
        self._under_way: dict[
            tuple[ClusterIdentity, PID | None], asyncio.Task[PID]
        ] = {}
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
            raise RuntimeError("this lookup serves a cluster already: make another one")
        self._running = cluster
        if not cluster.is_client:
            self._owner_pid = self._start_owner(cluster)
        try:
            yield
        finally:
            if self._owner_pid is not None:
                await cluster.system.stop(self._owner_pid)
            self._running = None
            self._ring = HashRing(())

    def _start_owner(self, cluster: Cluster) -> PID:
        owner = IdentityOwner(cluster, self._timeouts)
        pid = cluster.system.spawn_named(infrastructure(lambda: owner), IDENTITY_OWNER)
        if cluster.gossip is not None:
            cluster.gossip.on_change(lambda: cluster.system.send(pid, GossipHeard()))
        return pid

    @property
    def _cluster(self) -> Cluster:
        if self._running is None:
            raise RuntimeError("the lookup does not run: enter the cluster first")
        return self._running

    async def get(
        self, identity: ClusterIdentity, *, timeout: float, dead: PID | None = None
    ) -> PID:
        """One question per identity is on its way, however many wait for it."""
        key = (identity, dead)
        task = self._under_way.get(key)
        if task is None:
            task = self._cluster.system.start_background(
                self._ask(identity, dead, trace.get_current_span()),
                f"lookup {identity}",
            )
            self._under_way[key] = task
            task.add_done_callback(lambda _: self._under_way.pop(key, None))
            task.add_done_callback(_note_error)
        try:
            async with asyncio.timeout(timeout):
                return await asyncio.shield(task)
        except TimeoutError:
            raise NotPlaced(identity, f"no answer within {timeout:g} s") from None

    def owner_of(self, identity: ClusterIdentity) -> str | None:
        """Address of the member that owns the identity."""
        owner = self._ring.owner(identity.name)
        return owner.address if owner else None

    def owner_actor(self, identity: ClusterIdentity) -> PID | None:
        owner = self.owner_of(identity)
        return PID(owner, IDENTITY_OWNER) if owner else None

    def topology_changed(self, change: TopologyChange) -> None:
        self._ring = HashRing(change.current.members, self._ring)
        if self._owner_pid is not None:
            self._cluster.system.send(self._owner_pid, change)

    async def _ask(
        self, identity: ClusterIdentity, dead: PID | None, parent: trace.Span
    ) -> PID:
        cluster = self._cluster
        owner = self.owner_actor(identity)
        span = cluster.spans.start(
            telemetry.IDENTITY_LOOKUP,
            parent=parent,
            attributes={
                telemetry.IDENTITY: str(identity),
                telemetry.KIND: identity.kind,
                telemetry.OWNER: owner.address if owner else "",
            },
        )
        problem: Exception | None = None
        try:
            if owner is None:
                raise NotPlaced(identity, "no member is known yet")
            return await self._ask_owner(owner, identity, dead, span)
        except Exception as error:
            problem = error
            raise
        finally:
            telemetry.end(span, problem)

    async def _ask_owner(
        self,
        owner: PID,
        identity: ClusterIdentity,
        dead: PID | None,
        span: trace.Span | None,
    ) -> PID:
        cluster = self._cluster
        request = activation_request(
            identity, cluster.topology.id, cluster.member_id, dead
        )
        try:
            answer = await cluster.system.request(
                owner,
                request,
                returns=cluster_pb2.ActivationResponse,
                timeout=cluster.activation_timeout,
                headers=cluster.spans.headers(span),
            )
        except (NotDelivered, OutcomeUnknown) as error:
            raise NotPlaced(identity, f"its owner did not answer: {error}") from error
        return self._read(identity, answer)

    def _read(
        self, identity: ClusterIdentity, answer: cluster_pb2.ActivationResponse
    ) -> PID:
        pid = pid_from_wire(answer.pid)
        if pid is not None and not answer.failed:
            return pid
        if answer.invalid_identity:
            raise IdentityBlocked(str(identity))
        match answer.refusal:
            case cluster_pb2.UNKNOWN_KIND:
                raise KindNotFound(identity.kind, len(self._cluster.topology))
            case cluster_pb2.START_FAILED:
                raise ActivationFailed(str(identity), answer.reason)
            case _:
                raise NotPlaced(identity, answer.reason or "its owner refused")


def _note_error(task: asyncio.Task[PID]) -> None:
    """Whoever waits sees the error; if all have given up, nobody needs to."""
    if not task.cancelled():
        task.exception()
