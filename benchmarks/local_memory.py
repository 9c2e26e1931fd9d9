"""What an idle actor costs, its own object included, after its first message."""

from __future__ import annotations

import asyncio
import gc

from benchmarks._memory import resident
from benchmarks._workload import Workload
from protoactor import Actor, ActorSystem, Context, Touch


class Idle(Actor):
    async def receive(self, context: Context) -> None:
        pass


async def memory(count: int) -> float:
    async with ActorSystem(shutdown_timeout=60.0) as system:
        await system.request(system.spawn(Idle), Touch())
        gc.collect()
        before = resident()
        pids = [system.spawn(Idle) for _ in range(count)]
        for pid in pids:
            system.send(pid, "hello")
        await system.request(pids[-1], Touch())
        gc.collect()
        return (resident() - before) / count


def run(scale: float) -> float:
    return asyncio.run(memory(int(100_000 * scale)))


WORKLOADS = [Workload("local-memory", "bytes/actor", run, limit=1000)]
