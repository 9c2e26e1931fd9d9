"""What members cost: their gossip when idle, until they agree after a join, and after.

In virtual time, so that one CPU can be fifty members: a second is the time that
members wait for each other, over a network of 1 ms. The figure is what a member
sends when nothing happens.
"""

from __future__ import annotations

import asyncio
import time
from functools import partial

from benchmarks._cluster import LocalCluster
from benchmarks._figure import Figure
from benchmarks._workload import Workload
from protoactor_cluster.failure_detection import DEFAULT
from protoactor_testkit import VirtualTimeLoop

DELAY = 0.001
IDLE = 30.0
"""Seconds."""
AFTERMATH = 10.0
"""Seconds from a join on, in which everybody may still be telling others of it."""


async def join(cluster: LocalCluster) -> dict[str, float]:
    """One more member joins: until all agree and have handed over, and what follows."""
    loop, traffic = asyncio.get_running_loop(), cluster.network.traffic
    began, spent, frames = loop.time(), time.process_time(), traffic.frames
    sent = traffic.bytes
    await cluster.start(1)
    count = len(cluster.members)
    seconds = loop.time() - began
    figures = {
        "join s": seconds,
        "join rounds": seconds / DEFAULT.heartbeat_interval,
        "join frames each": (traffic.frames - frames) / count,
        "join CPU ms each": (time.process_time() - spent) / count * 1000,
    }
    await asyncio.sleep(AFTERMATH - seconds)
    return figures | {"kB in 10 s of a join": (traffic.bytes - sent) / count / 1000}


async def idle(cluster: LocalCluster) -> Figure:
    """Bytes per second that a member sends, when nothing happens."""
    traffic = cluster.network.traffic
    spent, sent, frames = time.process_time(), traffic.bytes, traffic.frames
    await asyncio.sleep(IDLE)
    share = len(cluster.members) * IDLE
    details = {
        "frames/s": (traffic.frames - frames) / share,
        "CPU ms/s": (time.process_time() - spent) / share * 1000,
    }
    return Figure((traffic.bytes - sent) / share, details)


async def measure(count: int) -> Figure:
    async with LocalCluster([], delay=DELAY) as cluster:
        await cluster.start(count - 1)
        await asyncio.sleep(AFTERMATH)
        joined = await join(cluster)
        figure = await idle(cluster)
        return Figure(figure.value, {**figure.details, **joined})


def run(count: int, scale: float) -> Figure:
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        return runner.run(measure(max(2, int(count * scale))))


WORKLOADS = [
    Workload(
        f"members-{count}", "bytes/s", partial(run, count), repetitions=1, timeout=600.0
    )
    for count in (3, 10, 25, 50)
]
