"""What can go wrong between this process and Consul.

ClusterError
  ConsulRefused     Consul answered, and will not let us in

A Consul that does not answer is a `JoinTimeout` while joining, and an outage to sit
through later on.
"""

from __future__ import annotations

from protoactor_cluster.errors import ClusterError

__all__ = ["ConsulRefused"]


class ConsulRefused(ClusterError):
    """Consul refused the token, or what it may do."""

    def __init__(self, endpoint: str, reason: str) -> None:
        self.endpoint = endpoint
        self.reason = reason
        super().__init__(
            f"Consul at {endpoint} refused us: {reason}; check `token` and its policies: "
            "service:write for the cluster's name, node:read, session:write, and "
            "key:write below `prefix`"
        )
