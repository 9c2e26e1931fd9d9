"""A fifth member joins four that host many activations, while callers go on.

All members share this process and its one loop, so the work of five is done by one
CPU. The figure is the time from the provider's news until all members have handed
over. The same identities are handed over twice: without calls, which counts bytes,
and under load.
"""

from __future__ import annotations

import asyncio
import gc
import itertools
import time
from functools import partial

from benchmarks._cluster import LocalCluster
from benchmarks._figure import Figure
from benchmarks._memory import resident
from benchmarks._workload import Workload
from protoactor import PID, ActorError
from protoactor_cluster import Cluster, ClusterIdentity, Grain, PartitionLookup
from protoactor_cluster._wire import activation_request
from protoactor_cluster.placement import PLACEMENT
from protoactor_cluster.wire import cluster_pb2

MEMBERS = 4
AT_ONCE = 500
"""First calls in flight."""
CALLERS = 8
SAMPLE = 2000
PAUSE = 0.005
CALM = 1.0
TIMEOUT = 60.0


class Counter(Grain, idle_timeout=0):
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
        self.latencies: list[float] = []
        self.failed = 0

    async def run(self) -> None:
        await asyncio.gather(*(self._call_forever(n) for n in range(CALLERS)))

    async def _call_forever(self, number: int) -> None:
        step = 7919 * CALLERS
        while True:
            number = (number + step) % len(self._names)
            await self._call(self._names[number])
            await asyncio.sleep(PAUSE)

    async def _call(self, name: str) -> None:
        began = time.perf_counter()
        try:
            await self._cluster.grain(Counter, name).add()
        except ActorError:
            self.failed += 1
        self.latencies.append(time.perf_counter() - began)

    def p99(self) -> float:
        """Since the last time it was asked for, in milliseconds."""
        ordered, self.latencies = sorted(self.latencies), []
        return ordered[len(ordered) * 99 // 100] * 1000


async def activate(cluster: LocalCluster, names: list[str]) -> None:
    """Quickly: each host is asked itself. Owners hear of it when a member joins."""
    waiting = zip(names, itertools.cycle(cluster.members))

    async def activate_next() -> None:
        for name, host in waiting:
            identity = ClusterIdentity("Counter", name)
            await host.system.request(
                PID(host.member_address, PLACEMENT),
                activation_request(identity, host.topology.id, host.member_id, None),
                returns=cluster_pb2.ActivationResponse,
                timeout=TIMEOUT,
            )

    await asyncio.gather(*(activate_next() for _ in range(AT_ONCE)))
    await cluster.start(1)
    await cluster.leave()


async def call_first(cluster: LocalCluster, names: list[str]) -> None:
    """From all members, whoever owns or hosts an identity."""
    waiting = iter(names)

    async def call_next(member: Cluster) -> None:
        for name in waiting:
            await member.grain(Counter, name, timeout=TIMEOUT).add()

    callers = [member for member in cluster.members for _ in range(AT_ONCE // MEMBERS)]
    await asyncio.gather(*(call_next(member) for member in callers))


async def fill(cluster: LocalCluster, names: list[str]) -> dict[str, float]:
    """What an activation costs; the last ones are measured, when the others live."""
    gc.collect()
    memory, most = resident(), len(names) - min(len(names) // 10, SAMPLE)
    await activate(cluster, names[:most])
    began = time.process_time()
    await call_first(cluster, names[most:])
    spent = time.process_time() - began
    gc.collect()
    return {
        "first call us": spent / (len(names) - most) * 1e6,
        "bytes each": (resident() - memory) / len(names),
    }


def owners(cluster: LocalCluster, names: list[str]) -> list[str]:
    lookup = cluster.members[0].lookup
    assert isinstance(lookup, PartitionLookup)
    return [lookup.owner_of(ClusterIdentity("Counter", it)) or "" for it in names]


async def join_quietly(cluster: LocalCluster, names: list[str]) -> dict[str, float]:
    """A member joins while nobody calls: what is moved."""
    before, traffic = owners(cluster, names), cluster.network.traffic
    bytes_before, frames_before = traffic.bytes, traffic.frames
    began, spent = time.perf_counter(), time.process_time()
    await cluster.start(1)
    seconds, spent = time.perf_counter() - began, time.process_time() - spent
    after = owners(cluster, names)
    return {
        "quiet s": seconds,
        "quiet CPU s": spent,
        "change owner": sum(a != b for a, b in zip(before, after, strict=True)),
        "kB moved": (traffic.bytes - bytes_before) / 1000,
        "frames": traffic.frames - frames_before,
    }


async def join_under_load(cluster: LocalCluster, names: list[str]) -> Figure:
    """A member joins while callers go on."""
    load = Load(cluster.members[0], names)
    calling = asyncio.create_task(load.run())
    await asyncio.sleep(CALM)
    before, began = load.p99(), time.perf_counter()
    await cluster.start(1)
    seconds = time.perf_counter() - began
    while not load.latencies:  # noqa: ASYNC110 (it is a matter of milliseconds)
        await asyncio.sleep(PAUSE)
    calls, meanwhile = len(load.latencies), load.p99()
    calling.cancel()
    await asyncio.gather(calling, return_exceptions=True)
    details = {
        "calls": float(calls),
        "failed": float(load.failed),
        "p99 ms": meanwhile,
        "p99 ms before": before,
    }
    return Figure(seconds, details)


async def hand_over(count: int, *, delta: bool) -> Figure:
    names = [f"counter-{number}" for number in range(count)]
    lookup = partial(PartitionLookup, delta=delta)
    async with LocalCluster([Counter], lookup) as cluster:
        await cluster.start(MEMBERS)
        cost = await fill(cluster, names)
        moved = await join_quietly(cluster, names)
        await cluster.leave()
        figure = await join_under_load(cluster, names)
        assert sum(member.activations for member in cluster.members) == count
        return Figure(figure.value, {**figure.details, **moved, **cost})


def run(count: int, delta: bool, scale: float) -> Figure:
    return asyncio.run(hand_over(int(count * scale), delta=delta))


WORKLOADS = [
    Workload(
        f"handover-{name}",
        "s",
        partial(run, count, delta),
        repetitions=1,
        timeout=900.0,
    )
    for name, count, delta in [
        ("1k", 1_000, True),
        ("10k", 10_000, True),
        ("100k", 100_000, True),
        ("10k-full", 10_000, False),
        ("100k-full", 100_000, False),
    ]
]
