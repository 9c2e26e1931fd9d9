"""xoscar, in one process: `actor_ref` gives direct calls there, without a mailbox."""

from __future__ import annotations

import asyncio
import socket
import time

import xoscar

from benchmarks._memory import resident
from benchmarks.peers._xoscar_cross import Echo, across


class Counter(xoscar.Actor):
    def __init__(self, count, done):
        self.left = count
        self.done = done

    async def hit(self, number):
        self.left -= 1
        if not self.left:
            self.done.set()


class Player(xoscar.Actor):
    def __init__(self, count, done):
        self.count = count
        self.done = done
        self.other = None

    async def meet(self, other):
        self.other = other

    async def hit(self, number):
        if number >= self.count:
            self.done.set()
        else:
            await self.other.hit.tell(number + 1)


class Number(xoscar.Actor):
    def __init__(self, number):
        self.number = number

    async def get(self):
        return self.number


class Pool:
    """Actors by name, in this process."""

    def __init__(self):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.address = f"127.0.0.1:{probe.getsockname()[1]}"

    async def actor(self, kind, *arguments, uid):
        await xoscar.create_actor(kind, *arguments, address=self.address, uid=uid)
        return await xoscar.actor_ref(uid=uid, address=self.address)


async def tell(pool, scale):
    count, done = int(100_000 * scale), asyncio.Event()
    hit = (await pool.actor(Counter, count, done, uid="counter")).hit
    started = time.perf_counter()
    for number in range(count):
        await hit.tell(number)
    await done.wait()
    return count / (time.perf_counter() - started)


async def ask_all(echo, count):
    for number in range(count):
        await echo(number)


async def ask(pool, scale):
    count = int(100_000 * scale)
    echo = (await pool.actor(Echo, uid="echo")).echo
    started = time.perf_counter()
    await ask_all(echo, count)
    return count / (time.perf_counter() - started)


async def ask_100(pool, scale):
    each = int(1_000 * scale) or 1
    echo = (await pool.actor(Echo, uid="echo")).echo
    started = time.perf_counter()
    await asyncio.gather(*(ask_all(echo, each) for _ in range(100)))
    return each * 100 / (time.perf_counter() - started)


async def ping_pong(pool, scale):
    count, done = int(50_000 * scale), asyncio.Event()
    one = await pool.actor(Player, count, done, uid="one")
    other = await pool.actor(Player, count, done, uid="other")
    await one.meet(other)
    await other.meet(one)
    started = time.perf_counter()
    await one.hit.tell(0)
    await done.wait()
    return count / (time.perf_counter() - started)


async def make(pool, count):
    refs = [await pool.actor(Number, n, uid=f"n{n}") for n in range(count)]
    assert sum([await ref.get() for ref in refs]) == count * (count - 1) // 2


def spawn(count):
    async def run(pool, scale):
        actors = int(count * scale)
        started = time.perf_counter()
        await make(pool, actors)
        return actors / (time.perf_counter() - started)

    return run


async def memory(pool, scale):
    count, before = int(10_000 * scale), resident()
    await make(pool, count)
    return (resident() - before) / count


def in_pool(run):
    async def run_in_pool(scale):
        pool = Pool()
        async with await xoscar.create_actor_pool(pool.address, n_process=0):
            return await run(pool, scale)

    return lambda scale: asyncio.run(run_in_pool(scale))


WORKLOADS = {
    "local-tell": in_pool(tell),
    "local-ask": in_pool(ask),
    "local-ask-100": in_pool(ask_100),
    "local-ping-pong": in_pool(ping_pong),
    "local-spawn-10k": in_pool(spawn(10_000)),
    "local-spawn-100k": in_pool(spawn(100_000)),
    "local-memory": in_pool(memory),
    **across("asyncio"),
}
