"""Requests to an actor of another process: one after the other, and many at a time."""

from __future__ import annotations

import asyncio

from benchmarks._echo import PAYLOAD, Say
from benchmarks._figure import Figure, Run
from benchmarks._in_flight import calls_per_second
from benchmarks._other_process import other_process
from benchmarks._workload import Target, Workload
from protoactor import PID, ActorSystem
from protoactor_remote import Remote, RemoteOptions

SPIN = 200e-6


async def ask(address: str, count: int, in_flight: int, spin: float) -> Figure:
    options = RemoteOptions(spin=spin)
    async with ActorSystem() as system, Remote(system, options=options):
        echo = PID(address, "echo")

        async def call(_: int) -> None:
            await system.request(echo, Say(PAYLOAD))

        await calls_per_second(call, 500, 10)
        return await calls_per_second(call, count, in_flight)


def asking(count: int, in_flight: int, spin: float = 0.0) -> Run:
    def run(scale: float) -> Figure:
        with other_process("benchmarks._node") as address:
            return asyncio.run(ask(address, int(count * scale), in_flight, spin))

    return run


WORKLOADS = [
    Workload(
        "cross-ask", "requests/s", asking(3_000, 1), Target(0.65, "xoscar_uvloop")
    ),
    Workload(
        "cross-ask-spin",
        "requests/s",
        asking(5_000, 1, SPIN),
        Target(1.0, "xoscar_uvloop"),
    ),
    Workload("cross-ask-100", "requests/s", asking(80_000, 100), Target(1.5, "casty")),
    Workload("cross-ask-256", "requests/s", asking(100_000, 256), Target(1.8, "casty")),
]
