"""What can go wrong between this process and etcd.

ClusterError
  EtcdRefused     etcd answered, and will not let us in

An etcd that does not answer is a `JoinTimeout` while joining, and an outage to sit
through later on.
"""

from __future__ import annotations

from protoactor_cluster.errors import ClusterError

__all__ = ["EtcdRefused"]


class EtcdRefused(ClusterError):
    """etcd refused the user, the password or the access to the prefix."""

    def __init__(self, endpoint: str, reason: str) -> None:
        self.endpoint = endpoint
        self.reason = reason
        super().__init__(
            f"etcd at {endpoint} refused us: {reason}; "
            "check `user`, `password` and that user's role on `prefix`"
        )
