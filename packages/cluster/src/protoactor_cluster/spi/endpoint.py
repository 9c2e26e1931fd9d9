"""Where a service listens."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

__all__ = ["Endpoint", "endpoints_text", "parse_endpoint", "parse_endpoints"]

Endpoint: TypeAlias = tuple[str, int]
"""Host, with its brackets if it is IPv6, and port."""


def parse_endpoints(
    service: str, endpoints: str | Sequence[str], default_port: int
) -> tuple[Endpoint, ...]:
    """Endpoints from a sequence, or from one string with commas."""
    texts = endpoints.split(",") if isinstance(endpoints, str) else endpoints
    parsed = tuple(parse_endpoint(service, text, default_port) for text in texts)
    if not parsed:
        example = f"127.0.0.1:{default_port}"
        raise ValueError(f"{service} needs at least one endpoint, such as {example!r}")
    return parsed


def parse_endpoint(service: str, text: str, default_port: int) -> Endpoint:
    """`host:port`; raises `ValueError`."""
    text = text.strip()
    host, colon, port = text.rpartition(":")
    if not colon or text.endswith("]"):
        host, port = text, str(default_port)
    bare_v6 = ":" in host and not (host.startswith("[") and host.endswith("]"))
    if (
        not host
        or set(text) & set("/,@")
        or bare_v6
        or not (port.isascii() and port.isdigit())
    ):
        raise ValueError(
            f"{service} endpoint {text!r} is not host:port "
            f"(IPv6: [::1]:{default_port}; no http://, TLS is a parameter of its own)"
        )
    if not 0 < int(port) < 65536:
        raise ValueError(f"{service} endpoint {text!r}: no such port")
    return host, int(port)


def endpoints_text(endpoints: Sequence[Endpoint]) -> str:
    """As a user wrote them."""
    return ", ".join(f"{host}:{port}" for host, port in endpoints)
