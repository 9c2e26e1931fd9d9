"""Cluster membership in etcd, in the key layout of protoactor-go.

    async with join("shop", provider=EtcdProvider("127.0.0.1:2379"), kinds=[Counter]):
        ...

From the outside in: `_provider` is the public class; `_keep_alive` (a thread) and its
`_claim` keep the own member registered; `_watch` and its `_mirror` (a thread) follow
the others, `_roster` knows who counts; `_connection` picks an endpoint, `_client` alone
knows python-etcd3.
"""

from protoactor_provider_etcd._provider import EtcdProvider
from protoactor_provider_etcd._settings import EtcdTLS
from protoactor_provider_etcd.errors import EtcdRefused

__all__ = ["EtcdProvider", "EtcdRefused", "EtcdTLS"]
