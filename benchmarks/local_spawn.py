"""Actors that are spawned, get one message each and answer it."""

from __future__ import annotations

import asyncio
import time

from benchmarks._workload import Target, Workload
from protoactor import PID, Actor, ActorSystem, Context


class Number(Actor):
    def __init__(self, total: PID) -> None:
        self._total = total

    async def receive(self, context: Context) -> None:
        if isinstance(context.message, int):
            context.send(self._total, context.message)


class Total(Actor):
    def __init__(self, count: int, done: asyncio.Event) -> None:
        self._left = count
        self._done = done
        self.sum = 0

    async def receive(self, context: Context) -> None:
        if isinstance(context.message, int):
            self.sum += context.message
            self._left -= 1
            if not self._left:
                self._done.set()


async def spawn(count: int) -> float:
    done = asyncio.Event()
    async with ActorSystem() as system:
        total = system.spawn(lambda: Total(count, done))
        started = time.perf_counter()
        numbers = [system.spawn(lambda: Number(total)) for _ in range(count)]
        for number, pid in enumerate(numbers):
            system.send(pid, number)
        await done.wait()
        return count / (time.perf_counter() - started)


def run_10k(scale: float) -> float:
    return asyncio.run(spawn(int(10_000 * scale)))


def run_100k(scale: float) -> float:
    return asyncio.run(spawn(int(100_000 * scale)))


WORKLOADS = [
    Workload("local-spawn-10k", "actors/s", run_10k, Target(6.0, "thespian")),
    Workload("local-spawn-100k", "actors/s", run_100k),
]
