"""What a provider was told, checked once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from protoactor_provider_automanaged._host import Host
from protoactor_provider_automanaged.errors import BadSetting

__all__ = ["Settings", "hosts_of"]

POSITIVE = ("interval", "misses", "request_timeout", "stall_limit")


@dataclass(frozen=True, slots=True)
class Settings:
    """Where to poll and to listen, and how patiently."""

    hosts: tuple[Host, ...]
    port: int | None
    interval: float
    misses: int
    request_timeout: float
    stall_limit: float
    bind: str | None

    def __post_init__(self) -> None:
        for name in POSITIVE:
            if not getattr(self, name) > 0:
                raise BadSetting(f"{name} must be positive, not {getattr(self, name)}")
        if self.port is not None and not 0 < self.port < 65536:
            raise BadSetting(
                f"port must be 1..65535 (and stand in hosts=), not {self.port}"
            )

    def bound(self, port: int) -> list[Host]:
        """Where to listen: on loopback only, if that is where everybody lives."""
        if self.bind is not None:
            return [Host(self.bind, port)]
        alone = all(host.is_loopback for host in self.hosts)
        names = ["127.0.0.1" if alone else "0.0.0.0"]
        if any(host.is_ipv6 for host in self.hosts):
            names.append("::1" if alone else "::")
        return [Host(name, port) for name in names]


def hosts_of(texts: Sequence[str]) -> tuple[Host, ...]:
    """Each host once; raises `BadSetting`."""
    if isinstance(texts, str):
        raise BadSetting(f"hosts must be a list of 'host:port', not the text {texts!r}")
    hosts = tuple(dict.fromkeys(Host.parse(text) for text in texts))
    if not hosts:
        raise BadSetting("hosts is empty: list host:port of every member, this one too")
    return hosts
