"""What this member knows of one identity."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protoactor_cluster.identity import ClusterIdentity
from protoactor_cluster.introspection._activations import activation_to_wire
from protoactor_cluster.partition import PartitionLookup
from protoactor_cluster.wire import introspection_pb2 as wire

if TYPE_CHECKING:
    from protoactor_cluster.cluster import Cluster

__all__ = ["explain"]


def explain(cluster: Cluster, request: wire.ExplainRequest) -> wire.Explanation:
    """Raises `InvalidIdentity`."""
    identity = ClusterIdentity(request.kind, request.name)
    topology = cluster.topology
    told = wire.Explanation(
        member_id=cluster.member_id,
        address=cluster.member_address,
        topology_version=topology.version,
        topology_hash=f"{topology.hash:016x}",
        lookup=cluster.lookup.name,
        owner=_owner(cluster, identity),
        hosts_kind=identity.kind in cluster.kinds,
        handing_over=not cluster.settled,
    )
    cached = cluster.pid_cache.peek(identity)
    told.cached_pid = str(cached) if cached else ""
    lookup = cluster.lookup
    known = lookup.known(identity) if isinstance(lookup, PartitionLookup) else None
    if known is not None:
        told.known_pid, told.known_host = str(known.pid), known.member_id
    placement = cluster.session.placement
    activation = placement.activations.get(identity) if placement else None
    if activation is not None:
        told.activation.CopyFrom(activation_to_wire(cluster, activation))
    return told


def _owner(cluster: Cluster, identity: ClusterIdentity) -> str:
    owner_of = getattr(cluster.lookup, "owner_of", None)
    owner: str | None = owner_of(identity) if owner_of else cluster.member_address
    return owner or ""
