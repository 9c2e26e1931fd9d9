"""Virtual actors on a member in another process: first calls, later calls, both."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TypeAlias

from benchmarks._echo import PAYLOAD, EchoGrain
from benchmarks._figure import Figure, Run
from benchmarks._in_flight import calls_per_second
from benchmarks._member import CLUSTER
from benchmarks._other_process import free_port, other_process
from benchmarks._workload import Target, Workload
from protoactor_cluster import Cluster, connect
from protoactor_provider_automanaged import AutomanagedProvider

WARM = 1000
"""Identities that are called again and again."""
NEW_OF = 10
"""One call in so many of the mixed workload goes to a new identity."""

Measure: TypeAlias = Callable[[Cluster, int], Awaitable[Figure]]


@asynccontextmanager
async def client(port: str) -> AsyncGenerator[Cluster]:
    """A client of the member that is asked at this port; both know each other."""
    provider = AutomanagedProvider([f"127.0.0.1:{port}"])
    async with connect(CLUSTER, provider=provider) as cluster:
        await calls_per_second(lambda n: say(cluster, f"known-{n % 10}"), 500, 10)
        yield cluster


async def say(cluster: Cluster, name: str) -> None:
    await cluster.grain(EchoGrain, name).say(PAYLOAD)


async def first(cluster: Cluster, count: int) -> Figure:
    return await calls_per_second(lambda n: say(cluster, f"new-{n}"), count, 1)


async def first_100(cluster: Cluster, count: int) -> Figure:
    return await calls_per_second(lambda n: say(cluster, f"new-{n}"), count, 100)


async def warm_100(cluster: Cluster, count: int) -> Figure:
    await calls_per_second(lambda n: say(cluster, f"warm-{n}"), WARM, 100)
    return await calls_per_second(
        lambda n: say(cluster, f"warm-{n % WARM}"), count, 100
    )


async def mixed_100(cluster: Cluster, count: int) -> Figure:
    await calls_per_second(lambda n: say(cluster, f"warm-{n}"), WARM, 100)

    def name(number: int) -> str:
        return f"warm-{number % WARM}" if number % NEW_OF else f"new-{number}"

    return await calls_per_second(lambda n: say(cluster, name(n)), count, 100)


async def as_client(port: str, measure: Measure, count: int) -> Figure:
    async with client(port) as cluster:
        return await measure(cluster, count)


def calling(measure: Measure, count: int) -> Run:
    def run(scale: float) -> Figure:
        port = str(free_port())
        with other_process("benchmarks._member", port):
            return asyncio.run(as_client(port, measure, int(count * scale)))

    return run


WORKLOADS = [
    Workload(
        "cross-grain-first", "calls/s", calling(first, 2_000), Target(0.6, "casty")
    ),
    Workload(
        "cross-grain-first-100", "calls/s", calling(first_100, 20_000), floor=20_000
    ),
    Workload(
        "cross-grain-warm-100",
        "calls/s",
        calling(warm_100, 60_000),
        Target(1.8, "casty"),
    ),
    Workload("cross-grain-mixed-100", "calls/s", calling(mixed_100, 40_000)),
]
