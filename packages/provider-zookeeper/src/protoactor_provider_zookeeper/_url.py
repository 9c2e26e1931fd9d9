"""`zookeeper://` URLs."""

from __future__ import annotations

from typing import Any

from protoactor_cluster.spi import parse_url
from protoactor_provider_zookeeper._tls import ZooKeeperTLS

__all__ = ["parse_zookeeper_url"]

SECONDS = ("session_timeout", "stall_limit", "timeout", "join_timeout")


def parse_zookeeper_url(url: str) -> tuple[str, dict[str, Any]]:
    """Endpoints and options of `zookeeper://[user:password@]host:port,.../prefix?...`.

    Raises `ValueError`, which never quotes the password.
    """
    hosts, path, options = parse_url(url, seconds=SECONDS, tls=ZooKeeperTLS)
    if path:
        options["prefix"] = f"/{path}"
    return hosts or "127.0.0.1", options
