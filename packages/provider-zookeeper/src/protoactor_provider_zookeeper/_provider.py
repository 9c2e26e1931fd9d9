"""Cluster membership kept in ZooKeeper."""

from __future__ import annotations

from collections.abc import Sequence

from protoactor_cluster.spi import Settings, StoreProvider, Timing, parse_endpoints
from protoactor_provider_zookeeper._store import ZooKeeperStore
from protoactor_provider_zookeeper._tls import ZooKeeperTLS
from protoactor_provider_zookeeper._url import parse_zookeeper_url

__all__ = ["ZooKeeperProvider"]

DEFAULT_PORT = 2181


class ZooKeeperProvider(StoreProvider):
    """Members are ephemeral nodes in ZooKeeper, and watch each other there.

    Nodes and records are those of protoactor-go. One provider keeps one member per
    cluster, and any number of watchers; each of them has a session.

    `join` and `watch` raise `ZooKeeperRefused` if ZooKeeper does not accept the user.

    Args:
        endpoints: `host:port` of every server of the ensemble.
        session_timeout: Seconds until a member that died is gone. ZooKeeper keeps it
            within bounds of its own, usually 4 to 40 s.
        prefix: The node that the clusters lie under.
        stall_limit: Seconds the event loop may hang before its membership is given up.
        user, password: Digest authentication; nodes are then open to that user only.
        tls: The certificates; without them the connection is plaintext.
        timeout: Seconds for one call; never more than a third of the session's.
        join_timeout: Seconds until joining (or a client's first view) fails.

    Raises:
        ValueError: An argument makes no sense.
    """

    def __init__(
        self,
        endpoints: str | Sequence[str] = "127.0.0.1:2181",
        *,
        session_timeout: float = 5.0,
        prefix: str = "/protoactor",
        stall_limit: float = 10.0,
        user: str | None = None,
        password: str | None = None,
        tls: ZooKeeperTLS | None = None,
        timeout: float = 5.0,
        join_timeout: float = 10.0,
    ) -> None:
        self._settings = Settings(
            service="ZooKeeper",
            endpoints=parse_endpoints("ZooKeeper", endpoints, DEFAULT_PORT),
            timing=Timing(session_timeout, stall_limit, join_timeout),
            prefix=_absolute(prefix),
            timeout=timeout,
            user=user,
            password=password,
            tls=tls,
        )
        super().__init__(ZooKeeperStore(self._settings))

    @classmethod
    def from_url(cls, url: str) -> ZooKeeperProvider:
        """Build one from `zookeeper://[user:password@]host:port,host:port/prefix?...`.

        The times of the class may stand in the query; TLS is `ca=`, `certificate=` and
        `key=`, paths of PEM files.
        """
        endpoints, options = parse_zookeeper_url(url)
        return cls(endpoints, **options)


def _absolute(prefix: str) -> str:
    if not prefix.startswith("/") or "//" in prefix:
        raise ValueError(
            f"prefix must be the path of a node, such as /shop: {prefix!r}"
        )
    return prefix.rstrip("/")
