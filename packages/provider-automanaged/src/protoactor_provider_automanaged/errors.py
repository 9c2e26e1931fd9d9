"""What can go wrong with the automanaged provider.

ClusterError
  AutomanagedError
    BadSetting      a host, a URL or a number that cannot be meant
    NoPort          `join` without `port=`
    CannotListen    the port is taken, or not ours to take
"""

from __future__ import annotations

import errno
import os

from protoactor_cluster.errors import ClusterError

__all__ = ["AutomanagedError", "BadSetting", "CannotListen", "NoPort"]


class AutomanagedError(ClusterError):
    """Base of what this provider raises on purpose."""


class BadSetting(AutomanagedError, ValueError):
    """A setting cannot be meant as it was given."""


class NoPort(AutomanagedError):
    """A member must be reachable by the others, and this one has no port."""

    def __init__(self) -> None:
        super().__init__(
            "without port= this provider can only watch, as a client does: give the "
            "port of this member's health endpoint, and list host:port in every "
            "member's hosts="
        )


class CannotListen(AutomanagedError, OSError):
    """The health endpoint could not be opened; `errno` says why."""

    def __init__(self, address: str, cause: OSError) -> None:
        self.address = address
        super().__init__(f"cannot listen on {address}: {_advice(cause)}")
        self.errno = cause.errno


def _advice(cause: OSError) -> str:
    number = cause.errno or 0
    reason = os.strerror(number) if number > 0 else str(cause)
    match number:
        case errno.EADDRINUSE:
            return (
                f"{reason}: stop who holds it, or choose another port= (in hosts=, too)"
            )
        case errno.EACCES:
            return f"{reason}: choose a port= above 1023"
        case errno.EADDRNOTAVAIL:
            return f"{reason}: bind= must be an address of this machine"
        case _:
            return reason
