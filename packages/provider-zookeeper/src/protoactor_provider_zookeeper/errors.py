"""What can go wrong between this process and ZooKeeper.

ClusterError
  ZooKeeperRefused     ZooKeeper answered, and will not let us in

A ZooKeeper that does not answer is a `JoinTimeout` while joining, and an outage to sit
through later on.
"""

from __future__ import annotations

from protoactor_cluster.errors import ClusterError

__all__ = ["ZooKeeperRefused"]


class ZooKeeperRefused(ClusterError):
    """ZooKeeper refused the user, the password or the access to the prefix."""

    def __init__(self, endpoint: str, reason: str) -> None:
        self.endpoint = endpoint
        self.reason = reason
        super().__init__(
            f"ZooKeeper at {endpoint} refused us: {reason}; "
            "check `user`, `password` and the ACL of `prefix`"
        )
