"""URLs of services."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qsl, unquote

from protoactor_cluster.spi.tls import ServiceTLS

__all__ = ["parse_url"]

TLS_FILES = ("ca", "certificate", "key")


def parse_url(
    url: str,
    *,
    seconds: Sequence[str] = (),
    texts: Sequence[str] = (),
    tls: type[ServiceTLS] | None = None,
) -> tuple[str, str, dict[str, Any]]:
    """Take `scheme://[user:password@]hosts[/path][?name=value&...]` apart.

    Returns hosts, path without its `/`, and the options that are there: the names in
    `seconds` as floats, those in `texts` as they are, `user`, `password`, and `tls`
    made of `ca`, `certificate` and `key`. Raises `ValueError`, which never quotes the
    password.
    """
    scheme, _, rest = url.partition("://")
    authority, _, query = rest.partition("?")
    credentials, at, hosts = authority.rpartition("@")
    hosts, _, path = hosts.partition("/")
    known = (*seconds, *texts, *(TLS_FILES if tls else ()))
    given = _query(scheme, query, known)
    options: dict[str, Any] = {name: given[name] for name in texts if name in given}
    for name in seconds:
        if name in given:
            options[name] = _number(scheme, name, given[name])
    if tls is not None and any(name in given for name in TLS_FILES):
        options["tls"] = _tls(scheme, tls, given)
    if at:
        user, _, password = credentials.partition(":")
        options["user"], options["password"] = unquote(user), unquote(password)
    return hosts, unquote(path), options


def _query(scheme: str, query: str, known: Sequence[str]) -> dict[str, str]:
    pairs = parse_qsl(query, keep_blank_values=True)
    given = dict(pairs)
    for name in given:
        if name not in known:
            raise ValueError(
                f"{scheme} URL: no parameter {name!r}; {', '.join(known)} exist"
            )
    if len(given) < len(pairs):
        raise ValueError(f"{scheme} URL: a parameter is given twice: {list(given)}")
    return given


def _number(scheme: str, name: str, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise ValueError(f"{scheme} URL: {name}={text!r} is not a number") from None


def _tls(scheme: str, make: type[ServiceTLS], given: dict[str, str]) -> ServiceTLS:
    if "ca" not in given:
        raise ValueError(f"{scheme} URL: TLS needs ?ca=<PEM file>")
    return make(given["ca"], given.get("certificate"), given.get("key"))
