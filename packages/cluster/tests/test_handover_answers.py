"""A host's answers to pulls: what else runs meanwhile, and when they end early."""

from __future__ import annotations

import asyncio
import sys

from protoactor import PID, Actor, Context, Props
from protoactor_cluster import Cluster, ClusterIdentity, Grain
from protoactor_cluster._wire import activation_request
from protoactor_cluster.handover import Pull, encode_pull
from protoactor_cluster.placement import PLACEMENT
from protoactor_cluster.topology import Topology
from protoactor_cluster.wire import cluster_pb2
from protoactor_testkit import Members

COUNT = 2000
OLD, NEW = 1000, 1001
"""Versions of topologies that this test makes up."""


class Echo(Grain, idle_timeout=0):
    async def echo(self, text: str) -> str:
        return text


class Collector(Actor):
    """What a member that pulls would get."""

    def __init__(self) -> None:
        self.chunks: list[cluster_pb2.RemoteIdentityHandover] = []
        self.chunks_before_response = sys.maxsize

    async def receive(self, context: Context) -> None:
        if isinstance(context.message, cluster_pb2.RemoteIdentityHandover):
            self.chunks.append(context.message)
        elif isinstance(context.message, cluster_pb2.ActivationResponse):
            self.chunks_before_response = len(self.chunks)

    def told(self, version: int, attempt: int) -> int:
        """How many activations came in answer to this pull."""
        return sum(
            len(kind.activations)
            for chunk in self.chunks
            if (chunk.topology_version, chunk.attempt) == (version, attempt)
            for kind in chunk.actors.actors
        )

    def ended(self, version: int, attempt: int) -> bool:
        return any(
            chunk.final
            and (chunk.topology_version, chunk.attempt) == (version, attempt)
            for chunk in self.chunks
        )


class Puller:
    """Asks a host in the name of a member that owns everything."""

    def __init__(self, host: Cluster, as_member: Cluster) -> None:
        self._host = host
        self._member = as_member
        self._placement = PID(host.member_address, PLACEMENT)
        self.collector = Collector()
        self._pid = host.system.spawn(Props(lambda: self.collector))

    def pull(self, version: int, attempt: int = 1) -> None:
        asker = self._host.topology.by_id[self._member.member_id]
        pull = Pull(asker.id, Topology.of([asker], version), attempt)
        message = encode_pull(pull, asker.address)
        self._host.system.send(self._placement, message, sender=self._pid)

    def request(self, identity: ClusterIdentity) -> None:
        """Ask where something lives that lives there."""
        topology_id, me = self._host.topology.id, self._member.member_id
        request = activation_request(identity, topology_id, me, None)
        self._host.system.send(self._placement, request, sender=self._pid)


async def host_and_owner(members: Members) -> tuple[Cluster, Cluster]:
    host, owner = await members.start(2, kinds=[Echo])
    names = [f"echo-{number}" for number in range(COUNT)]
    await asyncio.gather(*(host.grain(Echo, name).echo("hello") for name in names))
    return host, owner


async def test_an_answer_is_told_whole(members: Members) -> None:
    host, owner = await host_and_owner(members)
    puller = Puller(host, owner)
    puller.pull(OLD)
    await asyncio.sleep(1.0)
    assert puller.collector.told(OLD, 1) == host.activations > COUNT / 4
    assert puller.collector.ended(OLD, 1)


async def test_an_answer_that_a_newer_topology_overtakes_is_not_told_to_its_end(
    members: Members,
) -> None:
    host, owner = await host_and_owner(members)
    overtaken, other = Puller(host, owner), Puller(host, host)
    overtaken.pull(OLD)
    other.pull(NEW)
    await asyncio.sleep(1.0)
    assert overtaken.collector.told(OLD, 1) < host.activations / 2
    assert not overtaken.collector.ended(OLD, 1)
    assert other.collector.told(NEW, 1) == host.activations
    assert other.collector.ended(NEW, 1)


async def test_an_answer_to_an_earlier_attempt_is_not_told_to_its_end(
    members: Members,
) -> None:
    host, owner = await host_and_owner(members)
    puller = Puller(host, owner)
    puller.pull(OLD, attempt=1)
    puller.pull(OLD, attempt=2)
    await asyncio.sleep(1.0)
    assert puller.collector.told(OLD, 1) < host.activations / 2
    assert puller.collector.told(OLD, 2) == host.activations
    assert puller.collector.ended(OLD, 2)


async def test_a_member_that_is_behind_is_answered_all_the_same(
    members: Members,
) -> None:
    host, owner = await host_and_owner(members)
    ahead, behind = Puller(host, host), Puller(host, owner)
    ahead.pull(NEW)
    behind.pull(OLD)
    ahead.pull(NEW, attempt=2)
    await asyncio.sleep(1.0)
    assert behind.collector.ended(OLD, 1)
    assert ahead.collector.ended(NEW, 2)


async def test_trap_19_requests_are_answered_between_the_parts_of_an_answer(
    members: Members,
) -> None:
    host, owner = await host_and_owner(members)
    names = (f"echo-{number}" for number in range(COUNT))
    lives = next(name for name in names if host.activation("Echo", name))
    puller = Puller(host, owner)
    puller.pull(OLD)
    puller.request(ClusterIdentity("Echo", lives))
    await asyncio.sleep(1.0)
    assert puller.collector.ended(OLD, 1)
    assert puller.collector.chunks_before_response < len(puller.collector.chunks) / 2
