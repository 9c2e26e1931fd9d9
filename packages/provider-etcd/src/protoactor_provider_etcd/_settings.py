"""How to reach etcd and how long to wait for it, checked once."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

__all__ = ["EtcdTLS", "Settings", "parse_endpoints"]

DEFAULT_PORT = 2379


@dataclass(frozen=True, slots=True)
class EtcdTLS:
    """PEM files: who signs etcd's certificate, and our own pair if etcd asks for one."""

    ca: str | Path
    certificate: str | Path | None = None
    key: str | Path | None = None

    def __post_init__(self) -> None:
        if (self.certificate is None) != (self.key is None):
            raise ValueError("TLS: give both `certificate` and `key`, or neither")
        for path in (self.ca, self.certificate, self.key):
            if path is not None and not Path(path).is_file():
                raise ValueError(f"TLS: no such file: {path}")


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything the provider's threads need to know; times in seconds."""

    endpoints: tuple[tuple[str, int], ...]
    lease_ttl: float
    prefix: str
    stall_limit: float
    timeout: float
    join_timeout: float
    user: str | None
    password: str | None = field(repr=False)
    tls: EtcdTLS | None

    def __post_init__(self) -> None:
        for name in ("lease_ttl", "stall_limit", "timeout", "join_timeout"):
            value = getattr(self, name)
            if not (math.isfinite(value) and value > 0):
                raise ValueError(
                    f"{name} must be a positive number of seconds: {value}"
                )
        if (self.user is None) != (self.password is None):
            raise ValueError("give both `user` and `password`, or neither")

    @property
    def ttl(self) -> int:
        """The lease in whole seconds, all that etcd knows."""
        return math.ceil(self.lease_ttl)

    @property
    def interval(self) -> float:
        """From one renewal of the lease to the next."""
        return self.ttl / 3

    @property
    def call_timeout(self) -> float:
        """Of one call: an etcd that hangs is noticed before the lease can end."""
        return min(self.timeout, self.interval)


def parse_endpoints(endpoints: str | Sequence[str]) -> tuple[tuple[str, int], ...]:
    """`host:port` pairs from a sequence, or from one string with commas."""
    texts = endpoints.split(",") if isinstance(endpoints, str) else endpoints
    parsed = tuple(_parse_endpoint(text.strip()) for text in texts)
    if not parsed:
        raise ValueError("etcd needs at least one endpoint, such as '127.0.0.1:2379'")
    return parsed


def _parse_endpoint(text: str) -> tuple[str, int]:
    host, colon, port = text.rpartition(":")
    if not colon or text.endswith("]"):
        host, port = text, str(DEFAULT_PORT)
    bare_v6 = ":" in host and not (host.startswith("[") and host.endswith("]"))
    if not host or "/" in text or bare_v6 or not (port.isascii() and port.isdigit()):
        raise ValueError(
            f"etcd endpoint {text!r} is not host:port (IPv6: [::1]:2379; "
            "no http://, TLS is a parameter of its own)"
        )
    if not 0 < int(port) < 65536:
        raise ValueError(f"etcd endpoint {text!r}: no such port")
    return host, int(port)
