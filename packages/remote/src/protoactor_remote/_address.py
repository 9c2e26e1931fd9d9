"""Under which address other nodes reach this one."""

from __future__ import annotations

import re

__all__ = ["advertised_address", "check_host", "is_loopback"]

WILDCARDS = ("", "0.0.0.0", "::", "[::]")


def check_host(host: str, advertised: str | None) -> None:
    """Raises `ValueError` for what would tell peers to call nowhere."""
    if advertised is not None and (fault := _fault_of(advertised)):
        raise ValueError(
            f"advertised={advertised!r} {fault}: say how peers call this node, "
            'such as "10.0.0.7:8090"; without a port it is the one that is bound'
        )
    if advertised is None and host in WILDCARDS:
        raise ValueError(
            f"host={host!r} listens everywhere, which is no address to call: "
            'say advertised="host:port" as well'
        )


def advertised_address(host: str, port: int, advertised: str | None) -> str:
    """`advertised` as it is, with the bound port where it has none."""
    if advertised is None:
        return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    return advertised if _has_port(advertised) else f"{advertised}:{port}"


def is_loopback(host: str) -> bool:
    return host == "localhost" or host == "::1" or host.startswith("127.")


def _fault_of(advertised: str) -> str | None:
    host, port = _host_of(advertised), _port_of(advertised)
    if host in WILDCARDS:
        return "names no host that peers can call"
    if re.search(r"[\s/@?#]", host):
        return "is no address"
    if ":" in host and not (host.startswith("[") and host.endswith("]")):
        return "needs a number as port, or brackets around an IPv6 address"
    if port is not None and not 0 < port < 65536:
        return "has an impossible port"
    return None


def _port_of(address: str) -> int | None:
    return int(address.rpartition(":")[2]) if _has_port(address) else None


def _has_port(address: str) -> bool:
    return address.rpartition(":")[2].isdigit() and not address.endswith("]")


def _host_of(address: str) -> str:
    return address.rpartition(":")[0] if _has_port(address) else address
