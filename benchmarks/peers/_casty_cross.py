"""casty between two processes: a client, and the one member of a cluster."""

from __future__ import annotations

from casty import Client

from benchmarks._in_flight import calls_per_second
from benchmarks._other_process import free_port, other_process
from benchmarks.peers._casty_actors import PAYLOAD, Echo, echo, tell
from benchmarks.peers._loops import runner

WARM, NEW_OF = 1000, 10


def asking(count, in_flight):
    async def ask(client, scale):
        target = client.ref(echo, "echo")

        async def call(_):
            await target.ask(Echo(PAYLOAD))

        await calls_per_second(call, 500, 10)
        return await calls_per_second(call, int(count * scale), in_flight)

    return ask


def calling(count, in_flight, name_of, warm=0):
    async def call_all(client, scale):
        async def call(number):
            await client.ref(echo, name_of(number)).ask(Echo(PAYLOAD))

        await calls_per_second(lambda n: call(-1 - n % 10), 500, 10)
        if warm:
            await calls_per_second(call, warm, 100)
        return await calls_per_second(call, int(count * scale), in_flight)

    return call_all


def warm_name(number):
    return f"warm-{number % WARM}"


def mixed_name(number):
    return f"warm-{number % WARM}" if number % NEW_OF else f"new-{number}"


def new_name(number):
    return f"new-{number}"


MEASURES = {
    "cross-ask": asking(3_000, 1),
    "cross-ask-100": asking(40_000, 100),
    "cross-ask-256": asking(50_000, 256),
    "cross-tell": tell,
    "cross-grain-first": calling(2_000, 1, new_name),
    "cross-grain-first-100": calling(10_000, 100, new_name),
    "cross-grain-warm-100": calling(30_000, 100, warm_name, WARM),
    "cross-grain-mixed-100": calling(20_000, 100, mixed_name, WARM),
}


def across(loop):
    """The workloads between processes that both run on this loop."""

    def crossing(measure):
        async def as_client(address, scale):
            async with Client(seeds=(address,)) as client:
                return await measure(client, scale)

        def run(scale):
            address = f"127.0.0.1:{free_port()}"
            with other_process("benchmarks.peers._casty_node", address, loop):
                return runner(loop)(as_client(address, scale))

        return run

    return {name: crossing(measure) for name, measure in MEASURES.items()}
