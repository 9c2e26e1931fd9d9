"""Callers that go on while something else happens."""

from __future__ import annotations

import asyncio
import time

from protoactor import ActorError
from protoactor_cluster import Cluster, Grain

__all__ = ["CallCounter", "Load"]

CALLERS = 8
PAUSE = 0.005
TIMEOUT = 60.0


class CallCounter(Grain, idle_timeout=0):
    """What is called."""

    def __init__(self) -> None:
        self._count = 0

    async def add(self) -> int:
        self._count += 1
        return self._count


class Load:
    """A few callers of identities that live already; latencies in seconds."""

    def __init__(self, cluster: Cluster, names: list[str]) -> None:
        self._cluster = cluster
        self._names = names
        self._running: list[asyncio.Task[None]] = []
        self.latencies: list[float] = []
        self.failed = 0

    def start(self) -> None:
        callers = (self._call_forever(number) for number in range(CALLERS))
        self._running = [asyncio.create_task(caller) for caller in callers]

    async def stop(self) -> None:
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    async def p99(self) -> float:
        """Since the last time it was asked for, in milliseconds."""
        while len(self.latencies) < CALLERS:  # noqa: ASYNC110 (a matter of moments)
            await asyncio.sleep(PAUSE)
        ordered, self.latencies = sorted(self.latencies), []
        return ordered[len(ordered) * 99 // 100] * 1000

    async def _call_forever(self, number: int) -> None:
        step = 7919 * CALLERS
        while True:
            number = (number + step) % len(self._names)
            await self._call(self._names[number])
            await asyncio.sleep(PAUSE)

    async def _call(self, name: str) -> None:
        began = time.perf_counter()
        try:
            await self._cluster.grain(CallCounter, name, timeout=TIMEOUT).add()
        except ActorError:
            self.failed += 1
        self.latencies.append(time.perf_counter() - began)
