"""What members cost: until they agree after a join, and their gossip when idle.

In virtual time, so that one CPU can be fifty members: a second is the time that
members wait for each other, over a network of 1 ms.
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
WARM_UP = 5.0


async def join(count: int) -> Figure:
    """One more member joins `count - 1`: rounds of gossip until all agree."""
    async with LocalCluster([], delay=DELAY) as cluster:
        await cluster.start(count - 1)
        loop, traffic = asyncio.get_running_loop(), cluster.network.traffic
        began, spent, frames = loop.time(), time.process_time(), traffic.frames
        await cluster.start(1)
        seconds = loop.time() - began
        details = {
            "virtual s": seconds,
            "frames per member": (traffic.frames - frames) / count,
            "CPU ms per member": (time.process_time() - spent) / count * 1000,
        }
        return Figure(seconds / DEFAULT.heartbeat_interval, details)


async def idle(count: int) -> Figure:
    """Bytes per second that a member sends, when nothing happens."""
    async with LocalCluster([], delay=DELAY) as cluster:
        await cluster.start(count)
        await asyncio.sleep(WARM_UP)
        traffic = cluster.network.traffic
        spent, sent, frames = time.process_time(), traffic.bytes, traffic.frames
        await asyncio.sleep(IDLE)
        share = count * IDLE
        details = {
            "frames/s": (traffic.frames - frames) / share,
            "CPU ms/s": (time.process_time() - spent) / share * 1000,
        }
        return Figure((traffic.bytes - sent) / share, details)


def run_join(count: int, scale: float) -> Figure:
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        return runner.run(join(count))


def run_idle(count: int, scale: float) -> Figure:
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        return runner.run(idle(count))


SIZES = (3, 10, 25, 50)
WORKLOADS = [
    *(
        Workload(f"join-{n}", "rounds", partial(run_join, n), repetitions=1)
        for n in SIZES
    ),
    *(
        Workload(f"gossip-{n}", "bytes/s", partial(run_idle, n), repetitions=1)
        for n in SIZES
    ),
]
