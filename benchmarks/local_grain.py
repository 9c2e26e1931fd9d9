"""Virtual actors within one process: the first call of each, and later ones."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from benchmarks._echo import PAYLOAD, EchoGrain
from benchmarks._figure import Figure
from benchmarks._in_flight import calls_per_second
from benchmarks._workload import Target, Workload
from protoactor_cluster import Cluster, join
from protoactor_cluster.single import SingleMemberProvider


@asynccontextmanager
async def alone() -> AsyncGenerator[Cluster]:
    async with join(
        "benchmarks", provider=SingleMemberProvider(), kinds=[EchoGrain]
    ) as cluster:
        await cluster.grain(EchoGrain, "known").say(PAYLOAD)
        yield cluster


async def call_all(cluster: Cluster, count: int) -> Figure:
    async def call(number: int) -> None:
        await cluster.grain(EchoGrain, f"g{number}").say(PAYLOAD)

    return await calls_per_second(call, count, 1)


async def first(count: int) -> Figure:
    async with alone() as cluster:
        return await call_all(cluster, count)


async def warm(count: int) -> Figure:
    async with alone() as cluster:
        await call_all(cluster, count)
        return await call_all(cluster, count)


def run_first(scale: float) -> Figure:
    return asyncio.run(first(int(20_000 * scale)))


def run_warm(scale: float) -> Figure:
    return asyncio.run(warm(int(20_000 * scale)))


WORKLOADS = [
    Workload("local-grain-first", "calls/s", run_first, Target(1.5, "casty")),
    Workload("local-grain-warm", "calls/s", run_warm, Target(2.0, "casty")),
]
