"""Cluster membership in ZooKeeper, in the node layout of protoactor-go.

    async with join("shop", provider=ZooKeeperProvider("127.0.0.1:2181"), kinds=[Counter]):
        ...

From the outside in: `_provider` is the public class, `_store` says what ZooKeeper is to
`protoactor_cluster.spi`, which does what all providers do; `_claim` is the own member,
`_source` follows the others, `_evictions` keeps out who was dropped; `_connection` has
a session at hand, `_session` alone knows kazoo.
"""

from protoactor_provider_zookeeper._provider import ZooKeeperProvider
from protoactor_provider_zookeeper._tls import ZooKeeperTLS
from protoactor_provider_zookeeper.errors import ZooKeeperRefused

__all__ = ["ZooKeeperProvider", "ZooKeeperRefused", "ZooKeeperTLS"]
