"""What one more costs when there are a hundred times as many: nothing more.

The figure of a workload is its dearest size over its cheapest, per message or
activation; the details are the points of its curve, in microseconds.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeAlias

from benchmarks._echo import PAYLOAD, Counter, EchoGrain, Hit
from benchmarks._figure import Figure, Run
from benchmarks._in_flight import calls_per_second
from benchmarks._other_process import other_process
from benchmarks._workload import Workload
from benchmarks.cross_tell import hit
from benchmarks.local_grain import alone
from protoactor import PID, Actor, ActorSystem, Context, Touch
from protoactor_remote import Remote

SIZES = (1_000, 3_000, 10_000, 30_000, 100_000)
REPEATED = 3
"""Each size is measured so often, and its best run counts: what it costs at least."""
FLAT = 3.0
"""A cost that grew with the number would be a hundred times as high at the end."""

Seconds: TypeAlias = Callable[[int], Awaitable[float]]


class Idle(Actor):
    async def receive(self, context: Context) -> None:
        pass


async def tell(count: int) -> float:
    """All messages wait in one mailbox before the first of them is handled."""
    async with ActorSystem() as system:
        counter = system.spawn(Counter)
        await system.request(counter, Touch())
        message = Hit(1)
        started = time.perf_counter()
        for _ in range(count):
            system.send(counter, message)
        await system.request(counter, Touch(), timeout=60.0)
        return time.perf_counter() - started


async def spawn(count: int) -> float:
    async with ActorSystem(shutdown_timeout=60.0) as system:
        started = time.perf_counter()
        for _ in range(count):
            last = system.spawn(Idle)
        await system.request(last, Touch(), timeout=60.0)
        return time.perf_counter() - started


async def activate(count: int) -> float:
    async with alone() as cluster:

        async def call(number: int) -> None:
            await cluster.grain(EchoGrain, f"g{number}").say(PAYLOAD)

        return count / (await calls_per_second(call, count, 100)).value


async def tell_across(count: int) -> float:
    with other_process("benchmarks._node") as address:
        async with ActorSystem() as system, Remote(system):
            counter = PID(address, "counter")
            await hit(system, counter, 1000)
            started = time.perf_counter()
            await hit(system, counter, count)
            return time.perf_counter() - started


async def curve(measure: Seconds, sizes: list[int]) -> Figure:
    points: dict[str, float] = {}
    for size in sizes:
        best = min([await measure(size) for _ in range(REPEATED)])
        points[str(size)] = best / size * 1e6
    return Figure(max(points.values()) / min(points.values()), points)


def growing(measure: Seconds) -> Run:
    def run(scale: float) -> Figure:
        sizes = [max(int(size * scale), 10) for size in SIZES]
        return asyncio.run(curve(measure, sizes))

    return run


WORKLOADS = [
    Workload(name, "dearest over cheapest", growing(measure), limit=FLAT)
    for name, measure in (
        ("growth-messages", tell),
        ("growth-messages-across", tell_across),
        ("growth-actors", spawn),
        ("growth-activations", activate),
    )
]
