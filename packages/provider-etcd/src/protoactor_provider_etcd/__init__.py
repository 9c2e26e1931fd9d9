"""Cluster membership in etcd, in the key layout of protoactor-go.

    async with join("shop", provider=EtcdProvider("127.0.0.1:2379"), kinds=[Counter]):
        ...

From the outside in: `_provider` is the public class, `_store` says what etcd is to
`protoactor_cluster.spi`, which does what all providers do; `_claim` is the own member,
`_source` follows the others; `_connection` picks an endpoint, `_client` alone knows
python-etcd3.
"""

from protoactor_provider_etcd._provider import EtcdProvider
from protoactor_provider_etcd._tls import EtcdTLS
from protoactor_provider_etcd.errors import EtcdRefused

__all__ = ["EtcdProvider", "EtcdRefused", "EtcdTLS"]
