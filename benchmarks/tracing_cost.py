"""What tracing costs a call: nothing set up, one in a hundred recorded, all recorded."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from statistics import median

from benchmarks._echo import PAYLOAD, EchoGrain
from benchmarks._figure import Figure
from benchmarks._in_flight import calls_per_second
from benchmarks._member import CLUSTER
from benchmarks._other_process import free_port, other_process
from benchmarks._tracers import tracers
from benchmarks._workload import Workload
from benchmarks.local_grain import alone
from protoactor import ActorSystem
from protoactor_cluster import Cluster
from protoactor_provider_automanaged import AutomanagedProvider
from protoactor_remote import Remote

TURNS = 10
SHARES = {"none": None, "1%": 0.01, "all": 1.0}
"""How many calls are recorded; `None` is without an SDK."""
Call = Callable[[int], Awaitable[object]]


async def seam(count: int) -> Figure:
    """What one call asks without an SDK: once where it is made, once where it ends.

    Processor time, so that other programs do not count.
    """
    async with alone() as cluster:
        clock, caller, host = time.process_time, cluster, cluster
        began = clock()
        for _ in range(count):
            pass
        empty = clock() - began
        began = clock()
        for _ in range(count):
            if (
                caller.spans.recording()
                or caller.durations is not None
                or caller.observer is not None
            ):
                pass
            if host.spans.recording():
                pass
        return Figure((clock() - began - empty) / count * 1e6)


@asynccontextmanager
async def client(port: str, share: float | None) -> AsyncGenerator[Cluster]:
    """A client of the member at this port that records a share of its calls."""
    provider = AutomanagedProvider([f"127.0.0.1:{port}"])
    with tracers(share) as made:
        async with (
            ActorSystem(tracer_provider=made) as system,
            Remote(system) as remote,
            Cluster(remote, CLUSTER, provider=provider, client=True) as cluster,
        ):
            yield cluster


async def call_of(
    stack: AsyncExitStack, port: str, share: float | None, warm_up: int
) -> Call:
    cluster = await stack.enter_async_context(client(port, share))
    grain = cluster.grain(EchoGrain, "echo")

    async def call(_: int) -> None:
        await grain.say(PAYLOAD)

    await calls_per_second(call, warm_up, 10)
    return call


async def medians(
    calls: dict[str, Call], count: int, in_flight: int
) -> dict[str, float]:
    """Microseconds per call, measured in turns, so that all have the same machine.

    One at a time: the median; otherwise the time in which one of them comes back.
    """
    figures: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(TURNS):
        for name, call in calls.items():
            figure = await calls_per_second(call, count // TURNS, in_flight)
            alone = figure.details["p50 us"]
            figures[name].append(alone if in_flight == 1 else 1e6 / figure.value)
    return {name: median(values) for name, values in figures.items()}


async def compare(untraced: str, traced: str, scale: float) -> Figure:
    """The member that is traced records what its callers do."""
    async with AsyncExitStack() as stack:
        calls = {
            name: await call_of(
                stack, untraced if share is None else traced, share, int(500 * scale)
            )
            for name, share in SHARES.items()
        }
        single = await medians(calls, int(9_000 * scale), 1)
        many = await medians(calls, int(45_000 * scale), 100)
    details = {f"{name}: p50 us": taken for name, taken in single.items()}
    details |= {f"{name}: us at 100": taken for name, taken in many.items()}
    details["1%/none at 100"] = many["1%"] / many["none"]
    return Figure(single["1%"] / single["none"], details)


def run_seam(scale: float) -> Figure:
    return asyncio.run(seam(int(1_000_000 * scale)))


def run_share(scale: float) -> Figure:
    untraced, traced = str(free_port()), str(free_port())
    with (
        other_process("benchmarks._member", untraced),
        other_process("benchmarks._tracers", traced, "0.01"),
    ):
        return asyncio.run(compare(untraced, traced, scale))


WORKLOADS = [
    Workload("tracing-seam", "us a call", run_seam, limit=0.3),
    Workload("tracing-1-percent", "times without", run_share, limit=1.05),
]
