"""Messages that expect no answer, to an actor of another process."""

from __future__ import annotations

import asyncio
import time

from benchmarks._echo import Count, Hit
from benchmarks._other_process import other_process
from benchmarks._workload import Target, Workload
from protoactor import PID, ActorSystem
from protoactor_remote import Remote

PAUSE = 500
"""Messages after which the sender gives way to its loop."""


async def tell(address: str, count: int) -> float:
    async with ActorSystem() as system, Remote(system):
        counter = PID(address, "counter")
        before = await hit(system, counter, 1000)
        started = time.perf_counter()
        assert await hit(system, counter, count) == before + count
        return count / (time.perf_counter() - started)


async def hit(system: ActorSystem, counter: PID, count: int) -> int:
    """Send so many, and wait until all have arrived; how many ever did."""
    message = Hit(1)
    for number in range(count):
        system.send(counter, message)
        if number % PAUSE == PAUSE - 1:
            await asyncio.sleep(0)
    return await system.request(counter, Count(), timeout=60.0)


def run(scale: float) -> float:
    with other_process("benchmarks._node") as address:
        return asyncio.run(tell(address, int(300_000 * scale)))


WORKLOADS = [Workload("cross-tell", "messages/s", run, Target(1.7, "casty"))]
