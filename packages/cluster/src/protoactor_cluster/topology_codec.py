"""Topologies and members between this process and the wire."""

from __future__ import annotations

from collections.abc import Iterable

from protoactor_cluster.provider import Member
from protoactor_cluster.topology import Topology, TopologyChange, TopologyId
from protoactor_cluster.wire import cluster_pb2

__all__ = [
    "decode_members",
    "decode_ready",
    "decode_topology_id",
    "encode_members",
    "encode_ready",
    "encode_topology",
    "encode_topology_id",
]


def encode_members(members: Iterable[Member]) -> list[cluster_pb2.Member]:
    """Members as they travel: without metadata, kinds in order."""
    return [
        cluster_pb2.Member(id=it.id, host=it.host, port=it.port, kinds=sorted(it.kinds))
        for it in members
    ]


def decode_members(members: Iterable[cluster_pb2.Member]) -> tuple[Member, ...]:
    """Raises `ValueError` for a member without an id or with an impossible port."""
    for member in members:
        if not member.id or not 0 <= member.port <= 65535:
            raise ValueError(f"not a member: id {member.id!r}, port {member.port}")
    return tuple(
        Member(member.id, member.host, member.port, frozenset(member.kinds))
        for member in members
    )


def encode_topology(change: TopologyChange) -> cluster_pb2.ClusterTopology:
    """The value under gossip's `topology`.

    `blocked` stays empty: protoactor-go blocks for good every id it finds there.
    """
    return cluster_pb2.ClusterTopology(
        topology_hash=change.current.hash,
        topology_version=change.current.version,
        members=encode_members(change.current.members),
        joined=encode_members(change.joined),
        left=encode_members(change.left),
    )


def encode_topology_id(
    topology: Topology, *, with_ids: bool
) -> cluster_pb2.ClusterTopology:
    """The same where all members are ours: they know each other from the provider.

    So this need not grow with their number, or `with_ids` by one id for each.
    """
    members = [cluster_pb2.Member(id=id) for id in topology.by_id] if with_ids else ()
    return cluster_pb2.ClusterTopology(
        topology_hash=topology.hash, topology_version=topology.version, members=members
    )


def encode_ready(topology: Topology) -> cluster_pb2.ReadyForRebalance:
    """The value under gossip's `reb:ready`."""
    return cluster_pb2.ReadyForRebalance(
        topology_hash=topology.hash, topology_version=topology.version
    )


def decode_topology_id(data: bytes) -> TopologyId:
    """The id in a serialized `ClusterTopology`; version 0 if a Go member wrote it."""
    topology = cluster_pb2.ClusterTopology.FromString(data)
    return TopologyId(topology.topology_version, topology.topology_hash)


def decode_ready(data: bytes) -> TopologyId:
    """The id in a serialized `ReadyForRebalance`."""
    ready = cluster_pb2.ReadyForRebalance.FromString(data)
    return TopologyId(ready.topology_version, ready.topology_hash)
