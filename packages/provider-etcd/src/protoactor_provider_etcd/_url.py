"""`etcd://` URLs."""

from __future__ import annotations

from typing import TypedDict
from urllib.parse import parse_qsl, unquote

from protoactor_provider_etcd._settings import EtcdTLS

__all__ = ["Options", "parse_url"]

KNOWN = "lease_ttl, stall_limit, timeout, join_timeout, prefix, ca, certificate, key"


class Options(TypedDict, total=False):
    """The keyword arguments of `EtcdProvider`."""

    lease_ttl: float
    stall_limit: float
    timeout: float
    join_timeout: float
    prefix: str
    user: str
    password: str
    tls: EtcdTLS


def parse_url(url: str) -> tuple[str, Options]:
    """The endpoints and options of `etcd://[user:password@]host:port,...?name=value`.

    Raises `ValueError`, which never quotes the password.
    """
    authority, _, query = url.partition("://")[2].partition("?")
    credentials, at, hosts = authority.rpartition("@")
    hosts, _, path = hosts.partition("/")
    if path:
        raise ValueError(f"etcd URL: write ?prefix=/{path} instead of /{path}")
    options = _parse_query(query)
    if at:
        user, _, password = credentials.partition(":")
        options["user"], options["password"] = unquote(user), unquote(password)
    return hosts or "127.0.0.1", options


def _parse_query(query: str) -> Options:
    pairs = parse_qsl(query, keep_blank_values=True)
    texts = dict(pairs)
    if len(texts) < len(pairs):
        raise ValueError(f"etcd URL: a parameter is given twice: ?{query}")
    options = Options()
    for name, text in pairs:
        match name:
            case "lease_ttl" | "stall_limit" | "timeout" | "join_timeout":
                options[name] = _seconds(name, text)
            case "prefix":
                options["prefix"] = text
            case "ca" | "certificate" | "key":
                options["tls"] = _tls(texts)
            case _:
                raise ValueError(f"etcd URL: no parameter {name!r}; {KNOWN} exist")
    return options


def _seconds(name: str, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise ValueError(f"etcd URL: {name}={text!r} is not a number") from None


def _tls(texts: dict[str, str]) -> EtcdTLS:
    if "ca" not in texts:
        raise ValueError("etcd URL: TLS needs ?ca=<PEM file>")
    return EtcdTLS(texts["ca"], texts.get("certificate"), texts.get("key"))
