"""A fifth member joins four that host many activations, while callers go on.

All members share this process and its one loop, so the work of five is done by one
CPU. The figure is the time from the provider's news until all members have handed
over. The same identities are handed over twice: without calls, which counts bytes
and the longest time for which the loop is held by all five (the garbage collector,
which holds it for longer, has the time off), and under load.
"""

from __future__ import annotations

import asyncio
import gc
import itertools
import time
from functools import partial

from benchmarks._cluster import LocalCluster
from benchmarks._figure import Figure
from benchmarks._load import CallCounter, Load
from benchmarks._memory import resident
from benchmarks._population import populate, set_aside
from benchmarks._stalls import stalls
from benchmarks._workload import Workload
from protoactor_cluster import Cluster, ClusterIdentity, PartitionLookup
from protoactor_cluster.handover import HandoverTimeouts

MEMBERS = 4
AT_ONCE = 500
"""First calls in flight."""
SAMPLE = 2000
CALM = 1.0
TIMEOUT = 60.0
PATIENT = HandoverTimeouts(answers=120.0, idle=10.0)
"""One CPU does the work of five members, so answers take five times as long."""


async def call_first(cluster: LocalCluster, names: list[str]) -> None:
    """From all members, whoever owns or hosts an identity."""
    waiting = iter(names)

    async def call_next(member: Cluster) -> None:
        for name in waiting:
            await member.grain(CallCounter, name, timeout=TIMEOUT).add()

    hosts = itertools.islice(itertools.cycle(cluster.members), AT_ONCE)
    await asyncio.gather(*(call_next(member) for member in hosts))


async def fill(cluster: LocalCluster, names: list[str]) -> dict[str, float]:
    """What an activation costs; the last ones are measured, when the others live."""
    gc.collect()
    memory, most = resident(), len(names) - min(len(names) // 10, SAMPLE)
    await populate(cluster.members, names[:most])
    bytes_each = (resident() - memory) / most
    await cluster.start(1)  # a change of topology, so that the owners hear of them
    await cluster.leave()
    set_aside()
    began = time.process_time()
    await call_first(cluster, names[most:])
    spent = time.process_time() - began
    return {
        "first call us": spent / (len(names) - most) * 1e6,
        "bytes each": bytes_each,
    }


def owners(cluster: LocalCluster, names: list[str]) -> list[str]:
    lookup = cluster.members[0].lookup
    assert isinstance(lookup, PartitionLookup)
    kind = CallCounter.__kind__
    return [lookup.owner_of(ClusterIdentity(kind, it)) or "" for it in names]


async def join_quietly(cluster: LocalCluster, names: list[str]) -> dict[str, float]:
    """A member joins while nobody calls: what is moved."""
    set_aside()
    before, traffic = owners(cluster, names), cluster.network.traffic
    bytes_before, frames_before = traffic.bytes, traffic.frames
    gc.disable()
    with stalls() as watch:
        began, spent = time.perf_counter(), time.process_time()
        await cluster.start(1)
        seconds, spent = time.perf_counter() - began, time.process_time() - spent
    gc.enable()
    after = owners(cluster, names)
    return {
        "quiet s": seconds,
        "quiet CPU s": spent,
        "CPU us each": spent / len(names) * 1e6,
        "longest stall ms": watch.longest * 1000,
        "change owner": sum(a != b for a, b in zip(before, after, strict=True)),
        "kB moved": (traffic.bytes - bytes_before) / 1000,
        "frames": traffic.frames - frames_before,
    }


async def join_under_load(cluster: LocalCluster, names: list[str]) -> Figure:
    """A member joins while callers go on."""
    set_aside()
    load = Load(cluster.members[0], names)
    load.start()
    await asyncio.sleep(CALM)
    before = await load.p99()
    with stalls() as watch:
        began = time.perf_counter()
        await cluster.start(1)
        seconds = time.perf_counter() - began
    meanwhile = await load.p99()
    await load.stop()
    details = {
        "failed": float(load.failed),
        "added p99 ms": meanwhile - before,
        "p99 ms before": before,
        "longest stall ms under load": watch.longest * 1000,
    }
    return Figure(seconds, details)


async def hand_over(count: int, *, delta: bool) -> Figure:
    names = [f"counter-{number}" for number in range(count)]
    lookup = partial(PartitionLookup, PATIENT, delta=delta)
    async with LocalCluster([CallCounter], lookup) as cluster:
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
        ("1m", 1_000_000, True),
        ("10k-full", 10_000, False),
        ("100k-full", 100_000, False),
        ("1m-full", 1_000_000, False),
    ]
]
