"""Reads `automanaged://a:6331,b:6331?port=6331`."""

from __future__ import annotations

from typing import TypedDict, cast
from urllib.parse import parse_qsl

from protoactor_provider_automanaged.errors import BadSetting

__all__ = ["Options", "read_url"]


class Options(TypedDict, total=False):
    """What may follow the question mark."""

    port: int
    interval: float
    misses: int
    request_timeout: float
    stall_limit: float
    bind: str


TYPES = {
    "port": int,
    "interval": float,
    "misses": int,
    "request_timeout": float,
    "stall_limit": float,
    "bind": str,
}


def read_url(url: str) -> tuple[list[str], Options]:
    """The hosts and options of a URL; raises `BadSetting`."""
    scheme, separator, rest = url.partition("://")
    if scheme != "automanaged" or not separator:
        raise BadSetting(f"{url!r} must begin with 'automanaged://'")
    hosts, _, query = rest.partition("?")
    options: dict[str, object] = {}
    for name, text in parse_qsl(query, keep_blank_values=True):
        if name not in TYPES or name in options:
            known = ", ".join(TYPES)
            raise BadSetting(f"{name!r} in {url!r}: options are {known}, each once")
        options[name] = _value(name, text)
    return hosts.removesuffix("/").split(","), cast(Options, options)


def _value(name: str, text: str) -> object:
    try:
        return TYPES[name](text)
    except ValueError:
        raise BadSetting(f"{name}={text} is no number") from None
