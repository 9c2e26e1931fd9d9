"""What one more costs when there are a hundred times as many: nothing more.

The figure of a workload is its dearest size over its cheapest, per message, actor or
activation. The details are the points of its curve: microseconds of this process's
own time, so that a busy machine does not bend it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
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
FEWER = (300, 1_000, 3_000, 10_000, 30_000)
REPEATED = 2
"""Each size is measured so often, and its best run counts: what it costs at least."""
FLAT = 3.0
"""A cost that grew with the number would be a hundred times as high at the end."""

Seconds: TypeAlias = Callable[[int], Awaitable[float]]
clock = time.process_time


class Idle(Actor):
    async def receive(self, context: Context) -> None:
        pass


async def tell(count: int) -> float:
    """All messages wait in one mailbox before the first of them is handled."""
    async with ActorSystem() as system:
        counter = system.spawn(Counter)
        await system.request(counter, Touch())
        message = Hit(1)
        started = clock()
        for _ in range(count):
            system.send(counter, message)
        await system.request(counter, Touch(), timeout=60.0)
        return clock() - started


async def spawn(count: int) -> float:
    async with ActorSystem(shutdown_timeout=60.0) as system:
        started = clock()
        pids = [system.spawn(Idle) for _ in range(count)]
        await system.request(pids[-1], Touch(), timeout=60.0)
        return clock() - started


async def activate(count: int) -> float:
    async with alone() as cluster:

        async def call(number: int) -> None:
            await cluster.grain(EchoGrain, f"g{number}", timeout=60.0).say(PAYLOAD)

        started = clock()
        await calls_per_second(call, count, 100)
        return clock() - started


async def tell_across(count: int) -> float:
    with other_process("benchmarks._node") as address:
        async with ActorSystem() as system, Remote(system):
            counter = PID(address, "counter")
            await hit(system, counter, 1000)
            started = clock()
            await hit(system, counter, count)
            return clock() - started


async def curve(measure: Seconds, sizes: Sequence[int]) -> Figure:
    points: dict[str, float] = {}
    for size in sizes:
        best = min([await measure(size) for _ in range(REPEATED)])
        points[str(size)] = best / size * 1e6
    return Figure(max(points.values()) / min(points.values()), points)


def growing(measure: Seconds, sizes: Sequence[int]) -> Run:
    def run(scale: float) -> Figure:
        scaled = [max(int(size * scale), 100) for size in sizes]
        return asyncio.run(curve(measure, scaled))

    return run


WORKLOADS = [
    Workload(name, "dearest over cheapest", growing(measure, sizes), limit=FLAT)
    for name, measure, sizes in (
        ("growth-messages", tell, SIZES),
        ("growth-messages-across", tell_across, SIZES),
        ("growth-actors", spawn, SIZES),
        ("growth-activations", activate, FEWER),
    )
]
