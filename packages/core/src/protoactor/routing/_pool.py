"""Routers over actors that they spawn themselves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from protoactor._context import Context
from protoactor._pid import PID
from protoactor._props import Props, Spawnable
from protoactor._system_messages import Stop
from protoactor.messages import PoisonPill
from protoactor.routing._consistent_hash import ConsistentHash
from protoactor.routing._router import Router, spawn_router
from protoactor.routing._strategy import (
    Broadcasting,
    RandomPick,
    RoundRobin,
    RoutingStrategy,
)

__all__ = [
    "BroadcastPool",
    "ConsistentHashPool",
    "Pool",
    "RandomPool",
    "RoundRobinPool",
]


@dataclass(frozen=True, slots=True)
class Drain:
    """A poison pill for a pool: stop when all its routees have handled theirs."""


class PoolRouter(Router):
    """Its routees are its children; one that stopped is not replaced."""

    poison = Drain()

    def __init__(self, size: int, props: Props, strategy: RoutingStrategy) -> None:
        super().__init__(strategy)
        self._size = size
        self._props = props
        self._started = False
        self._draining = False

    def receive(self, context: Context) -> None:
        if isinstance(context.message, Drain):
            self._drain(context)
        else:
            super().receive(context)
            self._stop_when_drained(context)

    def start(self, context: Context) -> None:
        if not self._started:
            self._started = True
            self._grow(context, self._size)

    def remove(self, context: Context, pid: PID) -> None:
        super().remove(context, pid)
        context.system.deliver(pid, PoisonPill())

    def adjust(self, context: Context, change: int) -> None:
        self._grow(context, change)
        for routee in self.routees[change:] if change < 0 else ():
            self.remove(context, routee)

    def _grow(self, context: Context, count: int) -> None:
        for _ in range(count):
            self.routees = (*self.routees, context.spawn(self._props))

    def _drain(self, context: Context) -> None:
        self._draining = True
        self.routees = ()
        for child in context.children:
            context.system.deliver(child, PoisonPill())
        self._stop_when_drained(context)

    def _stop_when_drained(self, context: Context) -> None:
        if self._draining and not context.children:
            context.system.post_system(context.self, Stop())


def Pool(size: int, actor: Spawnable, strategy: Callable[[], RoutingStrategy]) -> Props:
    """A router over `size` new actors; `strategy` makes what picks among them.

    Poisoned, it stops after its routees have handled what they were given.
    """
    if size < 1:
        raise ValueError(f"a pool starts with at least 1 routee, not {size}")
    props = Props.of(actor)
    return Props(lambda: PoolRouter(size, props, strategy()), spawner=spawn_router)


def BroadcastPool(size: int, actor: Spawnable) -> Props:
    """A router that sends every message to all of its `size` new actors."""
    return Pool(size, actor, Broadcasting)


def RoundRobinPool(size: int, actor: Spawnable) -> Props:
    """A router that takes its `size` new actors in turn."""
    return Pool(size, actor, RoundRobin)


def RandomPool(size: int, actor: Spawnable) -> Props:
    """A router that picks any of its `size` new actors."""
    return Pool(size, actor, RandomPick)


def ConsistentHashPool(
    size: int,
    actor: Spawnable,
    *,
    key: Callable[[object], str | None] | None = None,
) -> Props:
    """A router that sends messages with the same key to the same new actor.

    Without `key` messages name theirs as `hash_key`, see `ConsistentHashable`.
    """
    return Pool(size, actor, lambda: ConsistentHash(key))
