"""Identities, PIDs and members on the wire, and back."""

from __future__ import annotations

from protoactor import PID
from protoactor.wire import actor_pb2
from protoactor_cluster.identity import ClusterIdentity
from protoactor_cluster.topology import TopologyId
from protoactor_cluster.wire import cluster_pb2

__all__ = [
    "activation_request",
    "identity_from_wire",
    "identity_to_wire",
    "pid_from_wire",
    "pid_to_wire",
    "success",
]


def pid_to_wire(pid: PID) -> actor_pb2.PID:
    return actor_pb2.PID(Address=pid.address, Id=pid.id, request_id=pid.request_id)


def pid_from_wire(wire: actor_pb2.PID) -> PID | None:
    """The PID, or `None` if the field was not set."""
    return PID(wire.Address, wire.Id, wire.request_id) if wire.Id else None


def identity_to_wire(identity: ClusterIdentity) -> cluster_pb2.ClusterIdentity:
    return cluster_pb2.ClusterIdentity(identity=identity.name, kind=identity.kind)


def identity_from_wire(wire: cluster_pb2.ClusterIdentity) -> ClusterIdentity:
    """Raises `InvalidIdentity`."""
    return ClusterIdentity(wire.kind, wire.identity)


def activation_request(
    identity: ClusterIdentity,
    topology: TopologyId,
    requester_id: str,
    dead: PID | None = None,
    number: int = 0,
    check: bool = False,
) -> cluster_pb2.ActivationRequest:
    return cluster_pb2.ActivationRequest(
        number=number,
        check=check,
        cluster_identity=identity_to_wire(identity),
        topology_hash=topology.hash,
        topology_version=topology.version,
        requester_id=requester_id,
        dead=pid_to_wire(dead) if dead else None,
    )


def success(pid: PID, topology: TopologyId) -> cluster_pb2.ActivationResponse:
    return cluster_pb2.ActivationResponse(
        pid=pid_to_wire(pid),
        topology_hash=topology.hash,
        topology_version=topology.version,
    )
