"""Routers over actors that exist already."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from protoactor._context import Context
from protoactor._pid import PID
from protoactor._props import Props
from protoactor.routing._consistent_hash import ConsistentHash
from protoactor.routing._router import Router, spawn_router
from protoactor.routing._strategy import (
    Broadcasting,
    RandomPick,
    RoundRobin,
    RoutingStrategy,
)

__all__ = [
    "BroadcastGroup",
    "ConsistentHashGroup",
    "Group",
    "RandomGroup",
    "RoundRobinGroup",
]


class GroupRouter(Router):
    """Watches its routees, and forgets those that are gone."""

    def __init__(self, routees: Sequence[PID], strategy: RoutingStrategy) -> None:
        super().__init__(strategy)
        self.routees = tuple(dict.fromkeys(routees))

    def start(self, context: Context) -> None:
        for routee in self.routees:
            context.watch(routee)


def Group(routees: Sequence[PID], strategy: Callable[[], RoutingStrategy]) -> Props:
    """A router over `routees`; `strategy` makes what picks among them."""
    return Props(lambda: GroupRouter(routees, strategy()), spawner=spawn_router)


def BroadcastGroup(routees: Sequence[PID]) -> Props:
    """A router that sends every message to all routees."""
    return Group(routees, Broadcasting)


def RoundRobinGroup(routees: Sequence[PID]) -> Props:
    """A router that takes the routees in turn."""
    return Group(routees, RoundRobin)


def RandomGroup(routees: Sequence[PID]) -> Props:
    """A router that picks any routee."""
    return Group(routees, RandomPick)


def ConsistentHashGroup(
    routees: Sequence[PID], *, key: Callable[[object], str | None] | None = None
) -> Props:
    """A router that sends messages with the same key to the same routee.

    Without `key` messages name theirs as `hash_key`, see `ConsistentHashable`.
    """
    return Group(routees, lambda: ConsistentHash(key))
