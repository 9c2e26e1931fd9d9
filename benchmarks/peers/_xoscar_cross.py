"""xoscar between two processes, each with a pool of its own."""

from __future__ import annotations

import asyncio
import time

import xoscar

from benchmarks._in_flight import calls_per_second
from benchmarks._other_process import free_port, other_process
from benchmarks.peers._loops import runner

PAYLOAD = "x" * 50


class Echo(xoscar.Actor):
    async def echo(self, message):
        return message


class Counter(xoscar.Actor):
    def __init__(self):
        self.count = 0

    async def hit(self, number):
        self.count += 1

    async def get(self):
        return self.count


def asking(count, in_flight):
    async def ask(there, scale):
        echo = (await xoscar.actor_ref(address=there, uid="echo")).echo

        async def call(_):
            await echo(PAYLOAD)

        await calls_per_second(call, 500, 10)
        return await calls_per_second(call, int(count * scale), in_flight)

    return ask


async def tell(there, scale):
    count = int(20_000 * scale)
    counter = await xoscar.actor_ref(address=there, uid="counter")
    hit = counter.hit
    await hit.tell(0)
    started = time.perf_counter()
    for number in range(count):
        await hit.tell(number)
    while await counter.get() <= count:  # noqa: ASYNC110 - it has no event
        await asyncio.sleep(0.001)
    return count / (time.perf_counter() - started)


def calling(count, in_flight):
    """Named actors, made on the first call: the nearest thing to virtual ones."""

    async def call_all(there, scale):
        async def call(number):
            uid = f"new-{number}"
            try:
                ref = await xoscar.actor_ref(address=there, uid=uid)
            except xoscar.ActorNotExist:
                ref = await xoscar.create_actor(Echo, address=there, uid=uid)
            await ref.echo(PAYLOAD)

        return await calls_per_second(call, int(count * scale), in_flight)

    return call_all


MEASURES = {
    "cross-ask": asking(3_000, 1),
    "cross-ask-spin": asking(3_000, 1),  # it has no such option: what ours is up to
    "cross-ask-100": asking(15_000, 100),
    "cross-ask-256": asking(15_000, 256),
    "cross-tell": tell,
    "cross-grain-first": calling(1_000, 1),
}


def across(loop):
    """The workloads between processes that both run on this loop."""

    def crossing(measure):
        async def in_pool(there, scale):
            here = f"127.0.0.1:{free_port()}"
            async with await xoscar.create_actor_pool(here, n_process=0):
                return await measure(there, scale)

        def run(scale):
            there = f"127.0.0.1:{free_port()}"
            with other_process("benchmarks.peers._xoscar_node", there, loop):
                return runner(loop)(in_pool(there, scale))

        return run

    return {name: crossing(measure) for name, measure in MEASURES.items()}
