"""`consul://` URLs."""

from __future__ import annotations

from typing import Any

from protoactor_cluster.spi import parse_url
from protoactor_provider_consul._tls import ConsulTLS

__all__ = ["parse_consul_url"]

SECONDS = ("ttl", "deregister_critical", "stall_limit", "timeout", "join_timeout")


def parse_consul_url(url: str) -> tuple[str, dict[str, Any]]:
    """The endpoint and options of `consul://host:port?name=value&...`.

    Raises `ValueError`, which never quotes the token.
    """
    host, path, options = parse_url(
        url, seconds=SECONDS, texts=("token", "prefix"), tls=ConsulTLS
    )
    if path:
        raise ValueError(f"consul URL: write ?prefix={path} instead of /{path}")
    if "user" in options:
        raise ValueError("consul URL: Consul has no users; write ?token=...")
    return host or "127.0.0.1", options
