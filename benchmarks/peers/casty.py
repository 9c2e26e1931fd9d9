"""casty: virtual actors on a Rust runtime; its messages are declared types."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass

from casty import ActorSystem, Askable, Context, actor

PAYLOAD = "x" * 50


@dataclass(frozen=True)
class Echo(Askable[str]):
    text: str


@dataclass(frozen=True)
class Hit:
    number: int


@dataclass(frozen=True)
class Count(Askable[int]):
    pass


@actor(initial=0, replicas=1)
async def echo(context: Context[int, Echo]) -> None:
    async for message in context.inbox:
        message.reply_to.tell(message.text)


@actor(initial=0, replicas=1)
async def counter(context: Context[int, Hit | Count]) -> None:
    count = 0
    async for message in context.inbox:
        match message:
            case Hit():
                count += 1
            case Count():
                message.reply_to.tell(count)


async def tell(system, scale):
    count, target, hit = int(50_000 * scale), system.ref(counter, "counter"), Hit(1)
    await target.ask(Count())
    started = time.perf_counter()
    for number in range(count):
        target.tell(hit)
        if number % 500 == 499:
            await asyncio.sleep(0)
    while await target.ask(Count()) < count:  # noqa: ASYNC110 - it has no event
        await asyncio.sleep(0.001)
    return count / (time.perf_counter() - started)


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


def in_system(run):
    async def run_in_system(scale):
        async with ActorSystem() as system:
            return await run(system, scale)

    return lambda scale: asyncio.run(run_in_system(scale))


WORKLOADS = {
    "local-tell": in_system(tell),
    "local-ask": in_system(ask),
    "local-ask-100": in_system(ask_100),
}
