"""Ports for members that share one machine."""

from __future__ import annotations

import socket

__all__ = ["FIRST_PORT", "free_ports", "url_for"]

FIRST_PORT = 6331
AUTOMANAGED = "automanaged://"


def free_ports(
    count: int, first: int = FIRST_PORT, host: str = "127.0.0.1"
) -> list[int]:
    """The first ports from `first` on that nobody listens on. Raises `OSError`."""
    found: list[int] = []
    for port in range(first, 65536):
        if len(found) == count:
            return found
        if _is_free(host, port):
            found.append(port)
    raise OSError(f"there are no {count} free ports from {first} on")


def _is_free(host: str, port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
        return True


def url_for(url: str, index: int) -> str:
    """The provider's URL for the member with this index, from 0 on.

    Automanaged members need a port each: theirs are those of the hosts listed.
    Raises `ValueError` where there are too few of them.
    """
    if not url.startswith(AUTOMANAGED) or "port=" in url.partition("?")[2]:
        return url
    rest, question, query = url.partition("?")
    hosts = rest.removeprefix(AUTOMANAGED).removesuffix("/").split(",")
    if index >= len(hosts):
        raise ValueError(
            f"{url} lists {len(hosts)} hosts: list one host:port for each member"
        )
    port = hosts[index].rpartition(":")[2]
    return f"{rest}?{query}{'&' if question else ''}port={port}"
