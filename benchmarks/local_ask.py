"""Requests from outside to one actor: one after the other, and 100 at a time."""

from __future__ import annotations

import asyncio
import time

from benchmarks._workload import Target, Workload
from protoactor import PID, Actor, ActorSystem, Context

PAYLOAD = "x" * 50


class Echo(Actor):
    async def receive(self, context: Context) -> None:
        if isinstance(context.message, str):
            context.respond(context.message)


async def ask_repeatedly(system: ActorSystem, echo: PID, count: int) -> None:
    for _ in range(count):
        await system.request(echo, PAYLOAD)


async def ask(count: int, in_flight: int) -> float:
    async with ActorSystem() as system:
        echo = system.spawn(Echo)
        await ask_repeatedly(system, echo, 100)
        each = count // in_flight
        started = time.perf_counter()
        await asyncio.gather(
            *(ask_repeatedly(system, echo, each) for _ in range(in_flight))
        )
        return each * in_flight / (time.perf_counter() - started)


def run_sequential(scale: float) -> float:
    return asyncio.run(ask(int(100_000 * scale), 1))


def run_100(scale: float) -> float:
    return asyncio.run(ask(int(100_000 * scale), 100))


WORKLOADS = [
    Workload("local-ask", "requests/s", run_sequential, Target(3.0, "thespian")),
    Workload("local-ask-100", "requests/s", run_100, Target(2.4, "pykka")),
]
