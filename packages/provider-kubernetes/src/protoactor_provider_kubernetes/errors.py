"""What can go wrong between this process and Kubernetes.

ClusterError
  KubernetesRefused     the API server answered, and will not let us in

An API server that does not answer is a `JoinTimeout` while joining, and an outage to
sit through later on.
"""

from __future__ import annotations

from protoactor_cluster.errors import ClusterError

__all__ = ["KubernetesRefused"]


class KubernetesRefused(ClusterError):
    """The API server refused our token, or what its role may do."""

    def __init__(self, server: str, reason: str) -> None:
        self.server = server
        self.reason = reason
        super().__init__(
            f"Kubernetes at {server} refused us: {reason}; the service account needs "
            "get, list, watch, create, update and delete on leases.coordination.k8s.io"
        )
