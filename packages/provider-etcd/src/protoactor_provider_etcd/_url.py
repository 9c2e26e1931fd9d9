"""`etcd://` URLs."""

from __future__ import annotations

from typing import Any

from protoactor_cluster.spi import parse_url
from protoactor_provider_etcd._tls import EtcdTLS

__all__ = ["parse_etcd_url"]

SECONDS = ("lease_ttl", "stall_limit", "timeout", "join_timeout")


def parse_etcd_url(url: str) -> tuple[str, dict[str, Any]]:
    """The endpoints and options of `etcd://[user:password@]host:port,...?name=value`.

    Raises `ValueError`, which never quotes the password.
    """
    hosts, path, options = parse_url(
        url, seconds=SECONDS, texts=["prefix"], tls=EtcdTLS
    )
    if path:
        raise ValueError(f"etcd URL: write ?prefix=/{path} instead of /{path}")
    return hosts or "127.0.0.1", options
