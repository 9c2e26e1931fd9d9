"""Messages to a router itself, rather than to its routees."""

from __future__ import annotations

from dataclasses import dataclass

from protoactor._pid import PID
from protoactor.messages import Request

__all__ = [
    "AddRoutee",
    "AdjustPoolSize",
    "BroadcastMessage",
    "GetRoutees",
    "RemoveRoutee",
    "Routees",
]


@dataclass(frozen=True, slots=True)
class AddRoutee:
    """Route to this actor as well, and watch it."""

    pid: PID


@dataclass(frozen=True, slots=True)
class RemoveRoutee:
    """Route to this actor no more; a pool also poisons it."""

    pid: PID


@dataclass(frozen=True, slots=True)
class Routees:
    """The actors that a router routes to, in the order they were added."""

    pids: tuple[PID, ...]


@dataclass(frozen=True, slots=True)
class GetRoutees(Request[Routees]):
    """Asks for the routees."""


@dataclass(frozen=True, slots=True)
class BroadcastMessage:
    """Sends `message` to every routee, whatever the router does otherwise."""

    message: object


@dataclass(frozen=True, slots=True)
class AdjustPoolSize:
    """Adds routees to a pool, or poisons the newest ones if `change` is negative."""

    change: int
