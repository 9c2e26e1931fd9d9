"""What a typed call of a grain takes, as a multiple of a raw request to an actor.

Both go to the same process, in turns.
"""

from __future__ import annotations

import asyncio
from statistics import median

from benchmarks._echo import PAYLOAD, EchoGrain, Say
from benchmarks._figure import Figure, Run
from benchmarks._in_flight import calls_per_second
from benchmarks._other_process import free_port, other_process
from benchmarks._workload import Workload
from benchmarks.cross_grain import client
from protoactor import PID

TURNS = 5


async def compare(address: str, port: str, count: int, in_flight: int) -> Figure:
    async with client(port) as cluster:
        system, echo = cluster.system, PID(address, "echo")
        grain = cluster.grain(EchoGrain, "echo")

        async def raw(_: int) -> None:
            await system.request(echo, Say(PAYLOAD))

        async def typed(_: int) -> None:
            await grain.say(PAYLOAD)

        figures: dict[str, list[float]] = {"raw": [], "typed": []}
        for call in (raw, typed):
            await calls_per_second(call, 500, 10)
        for _ in range(TURNS):
            for name, call in (("raw", raw), ("typed", typed)):
                figure = await calls_per_second(call, count // TURNS, in_flight)
                figures[name].append(figure.value)
        rates = {name: median(values) for name, values in figures.items()}
        return Figure(rates["raw"] / rates["typed"], rates)


def comparing(count: int, in_flight: int) -> Run:
    def run(scale: float) -> Figure:
        port = str(free_port())
        with other_process("benchmarks._member", port) as address:
            return asyncio.run(compare(address, port, int(count * scale), in_flight))

    return run


WORKLOADS = [
    Workload("grain-overhead", "times a request", comparing(3_000, 1), limit=1.3),
    Workload(
        "grain-overhead-100", "times a request", comparing(60_000, 100), limit=1.3
    ),
]
