"""casty: virtual actors on a Rust runtime; its messages are declared types."""

from __future__ import annotations

import asyncio
import time

from casty import ActorSystem

from benchmarks._in_flight import calls_per_second
from benchmarks.peers._casty_actors import PAYLOAD, Echo, echo, tell
from benchmarks.peers._casty_cross import across


async def ask_all(target, count):
    for _ in range(count):
        await target.ask(Echo(PAYLOAD))


async def ask(system, scale):
    count, target = int(20_000 * scale), system.ref(echo, "echo")
    await ask_all(target, 100)
    started = time.perf_counter()
    await ask_all(target, count)
    return count / (time.perf_counter() - started)


async def ask_100(system, scale):
    each, target = int(200 * scale) or 1, system.ref(echo, "echo")
    await ask_all(target, 100)
    started = time.perf_counter()
    await asyncio.gather(*(ask_all(target, each) for _ in range(100)))
    return each * 100 / (time.perf_counter() - started)


async def call_all(system, count):
    async def call(number):
        await system.ref(echo, f"g{number}").ask(Echo(PAYLOAD))

    return await calls_per_second(call, count, 1)


async def grain_first(system, scale):
    await system.ref(echo, "known").ask(Echo(PAYLOAD))
    return await call_all(system, int(20_000 * scale))


async def grain_warm(system, scale):
    await call_all(system, int(20_000 * scale))
    return await call_all(system, int(20_000 * scale))


def in_system(run):
    async def run_in_system(scale):
        async with ActorSystem() as system:
            return await run(system, scale)

    return lambda scale: asyncio.run(run_in_system(scale))


WORKLOADS = {
    "local-tell": in_system(tell),
    "local-ask": in_system(ask),
    "local-ask-100": in_system(ask_100),
    "local-grain-first": in_system(grain_first),
    "local-grain-warm": in_system(grain_warm),
    **across("asyncio"),
}
