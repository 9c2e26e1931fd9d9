"""Actors of casty, which both of two processes know."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass

from casty import Askable, Context, actor

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
