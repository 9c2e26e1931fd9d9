"""Two actors that send one message to and fro."""

from __future__ import annotations

import asyncio
import time

from benchmarks._workload import Target, Workload
from protoactor import PID, Actor, ActorSystem, Context


class Player(Actor):
    def __init__(self, count: int, done: asyncio.Event) -> None:
        self._count = count
        self._done = done
        self._other: PID | None = None

    async def receive(self, context: Context) -> None:
        message = context.message
        if isinstance(message, int):
            if message >= self._count:
                self._done.set()
            elif self._other is not None:
                context.send(self._other, message + 1)
        elif isinstance(message, PID):
            self._other = message


async def ping_pong(count: int) -> float:
    done = asyncio.Event()
    async with ActorSystem() as system:
        one, other = (system.spawn(lambda: Player(count, done)) for _ in range(2))
        system.send(one, other)
        system.send(other, one)
        started = time.perf_counter()
        system.send(one, 0)
        await done.wait()
        return count / (time.perf_counter() - started)


def run(scale: float) -> float:
    return asyncio.run(ping_pong(int(300_000 * scale)))


WORKLOADS = [Workload("local-ping-pong", "messages/s", run, Target(3.0, "thespian"))]
