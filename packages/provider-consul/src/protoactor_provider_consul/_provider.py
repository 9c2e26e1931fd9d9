"""Cluster membership kept in Consul."""

from __future__ import annotations

from protoactor_cluster.spi import (
    Settings,
    StoreProvider,
    Timing,
    parse_endpoint,
    positive_seconds,
)
from protoactor_provider_consul._store import ConsulStore
from protoactor_provider_consul._tls import ConsulTLS
from protoactor_provider_consul._url import parse_consul_url

__all__ = ["ConsulProvider"]

DEFAULT_PORT = 8500


class ConsulProvider(StoreProvider):
    """Members are services of Consul with a check that they refresh themselves.

    Names, tags and ids are those of protoactor-go. One provider keeps one member per
    cluster, and any number of watchers.

    `join` and `watch` raise `ConsulRefused` if Consul does not accept the token.

    Args:
        endpoint: `host:port` of an agent, as a rule the one on the same machine.
        ttl: Seconds until a member that died is gone.
        deregister_critical: Seconds until Consul forgets a member that is gone; no
            less than a minute, as Consul has it.
        stall_limit: Seconds the event loop may hang before its membership is given up.
        token: Of Consul's access control; only with `tls` is it safe from eavesdroppers.
        tls: The certificates; without them the connection is plaintext.
        prefix: Where the marks of evictions lie in Consul's key-value store.
        timeout: Seconds for one call; never more than a third of `ttl`.
        join_timeout: Seconds until joining (or a client's first view) fails.

    Raises:
        ValueError: An argument makes no sense.
    """

    def __init__(
        self,
        endpoint: str = "127.0.0.1:8500",
        *,
        ttl: float = 5.0,
        deregister_critical: float = 60.0,
        stall_limit: float = 10.0,
        token: str | None = None,
        tls: ConsulTLS | None = None,
        prefix: str = "protoactor",
        timeout: float = 5.0,
        join_timeout: float = 10.0,
    ) -> None:
        positive_seconds("deregister_critical", deregister_critical)
        if not prefix.strip("/"):
            raise ValueError("prefix must name a folder of keys, such as 'protoactor'")
        self._settings = Settings(
            service="Consul",
            endpoints=(parse_endpoint("Consul", endpoint, DEFAULT_PORT),),
            timing=Timing(ttl, stall_limit, join_timeout),
            prefix=prefix.strip("/"),
            timeout=timeout,
            tls=tls,
        )
        store = ConsulStore(self._settings, token, deregister_critical)
        super().__init__(store)

    @classmethod
    def from_url(cls, url: str) -> ConsulProvider:
        """Build one from `consul://host:port?ttl=5&token=...`.

        Every parameter of the class may stand in the query; TLS is `ca=`,
        `certificate=` and `key=`, paths of PEM files.
        """
        endpoint, options = parse_consul_url(url)
        return cls(endpoint, **options)
