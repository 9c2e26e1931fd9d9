"""Pulls and their answers between this process and the wire."""

from __future__ import annotations

from collections.abc import Iterator

from protoactor import PID
from protoactor_cluster.handover.activation import Activation
from protoactor_cluster.handover.chunk import HandoverChunk, Pull
from protoactor_cluster.identity import ClusterIdentity
from protoactor_cluster.topology import Topology, TopologyId
from protoactor_cluster.topology_codec import decode_members, encode_members
from protoactor_cluster.wire import cluster_pb2

__all__ = ["decode_chunk", "decode_pull", "encode_chunk", "encode_pull"]

WireTopology = cluster_pb2.IdentityHandoverRequest.Topology


def encode_pull(pull: Pull, address: str) -> cluster_pb2.IdentityHandoverRequest:
    """The pull as it travels; `address` is the requester's."""
    before = pull.baseline
    return cluster_pb2.IdentityHandoverRequest(
        current_topology=_encode_topology(pull.topology),
        address=address,
        delta_topology=None if before is None else _encode_topology(before),
        requester_id=pull.requester_id,
        attempt=pull.attempt,
    )


def decode_pull(request: cluster_pb2.IdentityHandoverRequest) -> Pull:
    """Raises `ValueError` if a topology's members do not fit its hash."""
    has_baseline = request.HasField("delta_topology")
    return Pull(
        requester_id=request.requester_id,
        topology=_decode_topology(request.current_topology),
        attempt=request.attempt,
        baseline=_decode_topology(request.delta_topology) if has_baseline else None,
    )


def encode_chunk(
    chunk: HandoverChunk, topology_id: TopologyId, me: str, address: str
) -> cluster_pb2.RemoteIdentityHandover:
    """The chunk as it travels, packed by kind; every PID in it has `address`."""
    return cluster_pb2.RemoteIdentityHandover(
        actors=_pack(chunk.activations, address),
        chunk_id=chunk.chunk_id,
        final=chunk.final,
        topology_hash=topology_id.hash,
        topology_version=topology_id.version,
        skipped=chunk.skipped,
        sent=chunk.sent,
        member_id=me,
        attempt=chunk.attempt,
        skipped_digest=chunk.skipped_digest,
    )


def decode_chunk(
    message: cluster_pb2.RemoteIdentityHandover,
) -> tuple[str, TopologyId, HandoverChunk]:
    """Who answers, under which topology, and what.

    Raises `ValueError` for a chunk without a number or with an impossible identity.
    """
    if message.chunk_id < 1:
        raise ValueError(f"hand-over chunks count from 1, not {message.chunk_id}")
    chunk = HandoverChunk(
        attempt=message.attempt,
        chunk_id=message.chunk_id,
        final=message.final,
        activations=tuple(_unpack(message.actors, message.member_id)),
        sent=message.sent,
        skipped=message.skipped,
        skipped_digest=message.skipped_digest,
    )
    topology_id = TopologyId(message.topology_version, message.topology_hash)
    return message.member_id, topology_id, chunk


def _encode_topology(topology: Topology) -> WireTopology:
    return WireTopology(
        topology_hash=topology.hash,
        topology_version=topology.version,
        members=encode_members(topology.members),
    )


def _decode_topology(message: WireTopology) -> Topology:
    topology = Topology.of(decode_members(message.members), message.topology_version)
    if topology.hash != message.topology_hash:
        raise ValueError(
            f"{len(topology)} members hash to {topology.hash:016x}, "
            f"the message says {message.topology_hash:016x}"
        )
    return topology


def _pack(
    activations: tuple[Activation, ...], address: str
) -> cluster_pb2.PackedActivations:
    packed = cluster_pb2.PackedActivations(address=address)
    kinds: dict[str, cluster_pb2.PackedActivations.Kind] = {}
    for identity, pid, _, _ in activations:
        kind = kinds.get(identity.kind)
        if kind is None:
            kind = kinds[identity.kind] = packed.actors.add(name=identity.kind)
        kind.activations.add(identity=identity.name, activation_id=pid.id)
    return packed


def _unpack(
    packed: cluster_pb2.PackedActivations, member_id: str
) -> Iterator[Activation]:
    for kind in packed.actors:
        for it in kind.activations:
            identity = ClusterIdentity(kind.name, it.identity)
            yield Activation.of(
                identity, PID(packed.address, it.activation_id), member_id
            )
