"""Cluster membership kept in etcd."""

from __future__ import annotations

import math
from collections.abc import Sequence

from protoactor_cluster.spi import (
    Settings,
    StoreProvider,
    Timing,
    parse_endpoints,
    positive_seconds,
)
from protoactor_provider_etcd._store import EtcdStore
from protoactor_provider_etcd._tls import EtcdTLS
from protoactor_provider_etcd._url import parse_etcd_url

__all__ = ["EtcdProvider"]

DEFAULT_PORT = 2379


class EtcdProvider(StoreProvider):
    """Members register in etcd under a lease and watch each other there.

    Keys and records are those of protoactor-go. One provider keeps one member per
    cluster, and any number of watchers.

    `join` and `watch` raise `EtcdRefused` if etcd does not accept the user.

    Args:
        endpoints: `host:port` of every etcd node; the next one is tried when one fails.
        lease_ttl: Seconds until a member that died is gone; rounded up to whole ones.
        prefix: Where the clusters lie in etcd.
        stall_limit: Seconds the event loop may hang before its membership is given up.
        user, password: Only together; only with `tls` are they safe from eavesdroppers.
        tls: The certificates; without them the connection is plaintext.
        timeout: Seconds for one call to etcd; never more than a third of the lease.
        join_timeout: Seconds until joining (or a client's first view) fails.

    Raises:
        ValueError: An argument makes no sense.
    """

    def __init__(
        self,
        endpoints: str | Sequence[str] = "127.0.0.1:2379",
        *,
        lease_ttl: float = 5.0,
        prefix: str = "/protoactor",
        stall_limit: float = 10.0,
        user: str | None = None,
        password: str | None = None,
        tls: EtcdTLS | None = None,
        timeout: float = 5.0,
        join_timeout: float = 10.0,
    ) -> None:
        ttl = math.ceil(positive_seconds("lease_ttl", lease_ttl))
        self._settings = Settings(
            service="etcd",
            endpoints=parse_endpoints("etcd", endpoints, DEFAULT_PORT),
            timing=Timing(float(ttl), stall_limit, join_timeout),
            prefix=prefix.rstrip("/"),
            timeout=timeout,
            user=user,
            password=password,
            tls=tls,
        )
        super().__init__(EtcdStore(self._settings))

    @classmethod
    def from_url(cls, url: str) -> EtcdProvider:
        """Build one from `etcd://[user:password@]host:port,host:port?lease_ttl=5`.

        Every parameter of the class may stand in the query; TLS is `ca=`,
        `certificate=` and `key=`, paths of PEM files.
        """
        endpoints, options = parse_etcd_url(url)
        return cls(endpoints, **options)
