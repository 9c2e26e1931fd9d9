"""Under which address other nodes reach this one."""

from __future__ import annotations

__all__ = ["advertised_address", "check_host", "is_loopback"]

WILDCARDS = ("", "0.0.0.0", "::", "[::]")


def check_host(host: str, advertised: str | None) -> None:
    """Raises `ValueError` for what would tell peers to call nowhere."""
    if advertised is not None and _host_of(advertised) in WILDCARDS:
        raise ValueError(f"advertised={advertised!r} names no host that peers can call")
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


def _has_port(address: str) -> bool:
    return address.rpartition(":")[2].isdigit() and not address.endswith("]")


def _host_of(address: str) -> str:
    return address.rpartition(":")[0] if _has_port(address) else address
