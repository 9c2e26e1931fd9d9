"""Messages from outside to one actor, nobody waits for replies."""

from __future__ import annotations

import asyncio
import time

from benchmarks._workload import Target, Workload
from protoactor import Actor, ActorSystem, Context


class Counter(Actor):
    def __init__(self, count: int, done: asyncio.Event) -> None:
        self._left = count
        self._done = done

    async def receive(self, context: Context) -> None:
        if isinstance(context.message, int):
            self._left -= 1
            if not self._left:
                self._done.set()


async def tell(count: int) -> float:
    done = asyncio.Event()
    async with ActorSystem() as system:
        counter = system.spawn(lambda: Counter(count, done))
        started = time.perf_counter()
        for number in range(count):
            system.send(counter, number)
            if number % 500 == 499:
                await asyncio.sleep(0)
        await done.wait()
        return count / (time.perf_counter() - started)


def run(scale: float) -> float:
    return asyncio.run(tell(int(500_000 * scale)))


WORKLOADS = [Workload("local-tell", "messages/s", run, Target(4.0, "casty"))]
