"""The address of a health endpoint."""

from __future__ import annotations

import re
from ipaddress import ip_address
from typing import NamedTuple

from yarl import URL

from protoactor_provider_automanaged.errors import BadSetting

__all__ = ["Host"]

PATTERN = re.compile(
    r"(?:\[(?P<v6>[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*(?:%\w+)?)\]|(?P<name>[^\[\]\s:/?#@,]+))"
    r":(?P<port>[0-9]{1,5})"
)


class Host(NamedTuple):
    """`host:port`, with an IPv6 address in brackets when written."""

    name: str
    port: int

    @classmethod
    def parse(cls, text: str) -> Host:
        """Read `a:6331`, `10.0.0.1:6331` or `[::1]:6331`; raises `BadSetting`."""
        match = PATTERN.fullmatch(text)
        if match is None or not 0 < int(match["port"]) < 65536:
            raise BadSetting(
                f"{text!r} is no host:port: write 'a:6331' or '[::1]:6331'"
            )
        host = cls(match["v6"] or match["name"], int(match["port"]))
        try:
            host.url(secure=False)
        except ValueError as error:
            raise BadSetting(f"{text!r} is no host:port: {error}") from None
        return host

    @property
    def is_loopback(self) -> bool:
        return is_loopback(self.name)

    @property
    def is_ipv6(self) -> bool:
        return ":" in self.name

    def url(self, *, secure: bool) -> URL:
        """Where its health is asked for."""
        scheme = "https" if secure else "http"
        return URL.build(scheme=scheme, host=self.name, port=self.port, path="/_health")

    def __str__(self) -> str:
        return (
            f"[{self.name}]:{self.port}" if self.is_ipv6 else f"{self.name}:{self.port}"
        )


def is_loopback(name: str) -> bool:
    """Whether only this machine can reach an address or host name."""
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return name == "localhost" or name.endswith(".localhost")
