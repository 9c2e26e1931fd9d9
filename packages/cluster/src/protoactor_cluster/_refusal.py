"""Why an activation request was refused."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from protoactor_cluster.topology import TopologyId
from protoactor_cluster.wire import cluster_pb2

__all__ = ["Refusal"]


@dataclass(frozen=True, slots=True)
class Refusal:
    """A reason for programs, and one for people."""

    why: cluster_pb2.ActivationRefusal
    reason: str
    blocked: bool = False
    """The kind itself does not want this identity."""
    newest: TopologyId | None = None
    """Under which topology to ask instead, if the asker's was too old."""

    @classmethod
    def stale(cls, newest: TopologyId) -> Self:
        text = f"asked under a topology older than {newest}"
        return cls(cluster_pb2.STALE_TOPOLOGY, text, newest=newest)

    @classmethod
    def leaving(cls) -> Self:
        return cls(cluster_pb2.LEAVING, "this member is leaving")

    @classmethod
    def not_active(cls) -> Self:
        return cls(cluster_pb2.NOT_ACTIVE, "it does not live here")

    def to_wire(self, topology: TopologyId) -> cluster_pb2.ActivationResponse:
        version, hash = self.newest or topology
        return cluster_pb2.ActivationResponse(
            failed=True,
            refusal=self.why,
            invalid_identity=self.blocked,
            topology_hash=hash,
            topology_version=version,
            reason=self.reason,
        )
