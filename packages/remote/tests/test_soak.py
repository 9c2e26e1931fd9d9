"""The same thing many times over: nothing may grow."""

from __future__ import annotations

import asyncio
import gc
import os
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from protoactor import Actor, Context, NotDelivered, Touch, Touched
from protoactor_remote import ConnectionLost, RemoteOptions

if TYPE_CHECKING:
    from .conftest import Node, Nodes

WARM_UP = 30
PATIENCE = 20.0
MEGABYTE = 1 << 20


@dataclass(frozen=True)
class Usage:
    """What this process holds."""

    tasks: int
    threads: int
    files: int
    memory: int
    """Bytes."""

    @classmethod
    async def now(cls) -> Usage:
        await asyncio.sleep(0.2)
        gc.collect()
        return cls(
            len(asyncio.all_tasks()),
            threading.active_count(),
            len(os.listdir("/proc/self/fd")),
            resident(),
        )

    async def growth(self, megabytes: int) -> list[str]:
        """What is more since, and stays so: gRPC closes sockets when it sees fit."""
        deadline = asyncio.get_running_loop().time() + PATIENCE
        while grown := (await self.now())._grown_since(self, megabytes):
            if asyncio.get_running_loop().time() > deadline:
                break
        return grown

    def _grown_since(self, before: Usage, megabytes: int) -> list[str]:
        return [
            f"{name}: {old} -> {new}"
            for name, old, new, more in (
                ("tasks", before.tasks, self.tasks, 0),
                ("threads", before.threads, self.threads, 2),
                ("files", before.files, self.files, 2),
                ("memory", before.memory, self.memory, megabytes * MEGABYTE),
            )
            if new > old + more
        ]


def resident() -> int:
    """Bytes of this process in memory."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


pytestmark = pytest.mark.skipif(
    not Path("/proc/self/statm").exists(), reason="needs /proc to see what is held"
)


class Silent(Actor):
    """Answers nobody."""

    def receive(self, context: Context) -> None:
        pass


async def touch(a: Node, b: Node) -> None:
    reply = await a.system.request(b.pid("activator"), Touch(), returns=Touched)
    assert reply.who == b.pid("activator")


async def test_reconnects_leave_nothing_behind(nodes: Nodes, long: bool) -> None:
    a, b = await nodes.start(), await nodes.start()

    async def reconnect(times: int) -> None:
        for _ in range(times):
            await touch(a, b)
            a.remote.disconnect(b.address)
            await asyncio.sleep(0)

    await reconnect(WARM_UP)
    await touch(a, b)
    before = await Usage.now()
    rounds = 10_000 if long else 200
    await reconnect(rounds)
    await touch(a, b)
    assert await before.growth(megabytes=24 if long else 8) == []
    assert a.remote._node.statistics.connected >= rounds
    assert len(a.remote._endpoints.all()) == 1


async def test_peers_that_come_and_go_leave_nothing_behind(
    nodes: Nodes, long: bool
) -> None:
    a = await nodes.start()
    target = a.system.spawn_named(Silent, "watched")

    async def visit(times: int) -> None:
        for _ in range(times):
            b = await nodes.start()
            b.probe().watch(target)
            await touch(b, a)
            await touch(a, b)
            await nodes.stop(b)

    await visit(WARM_UP)
    before = await Usage.now()
    await visit(1000 if long else 50)
    assert await before.growth(megabytes=24 if long else 8) == []
    assert len(a.remote._node.watched) == 0
    assert len(a.remote._callers) == 0


async def test_unreachable_peers_leave_nothing_behind(nodes: Nodes, long: bool) -> None:
    a = await nodes.start(options=RemoteOptions(connect_attempts=1))
    gone = await nodes.start()
    await nodes.stop(gone)

    async def try_in_vain(times: int) -> None:
        for _ in range(times):
            with pytest.raises(NotDelivered):
                await a.system.request(gone.pid("activator"), Touch())

    await try_in_vain(WARM_UP)
    before = await Usage.now()
    await try_in_vain(10_000 if long else 200)
    assert await before.growth(megabytes=24 if long else 8) == []
    assert a.remote._endpoints.all() == []


async def test_cancelled_requests_leave_nothing_behind(
    nodes: Nodes, long: bool
) -> None:
    a, b = await nodes.start(), await nodes.start()
    target = b.system.spawn(Silent)

    async def cancel(times: int) -> None:
        for _ in range(times // 100):
            asked = [
                asyncio.create_task(a.system.request(target, Touch(), timeout=60.0))
                for _ in range(100)
            ]
            await a.remote.drain(b.address)
            await asyncio.sleep(0)
            for task in asked:
                task.cancel()
            await asyncio.gather(*asked, return_exceptions=True)

    await cancel(1000)
    before = await Usage.now()
    await cancel(100_000 if long else 2000)
    assert await before.growth(megabytes=24 if long else 8) == []
    assert len(a.system.requests) == 0


async def test_connections_lost_under_load_lose_no_request(
    memory_nodes: Nodes, long: bool
) -> None:
    """Each ends with its reply or with an error that says what happened."""
    a, b = await memory_nodes.start(), await memory_nodes.start()
    assert memory_nodes.network is not None
    answered = failed = 0
    for _ in range(500 if long else 30):
        asked = [asyncio.create_task(touch(a, b)) for _ in range(50)]
        await asyncio.sleep(0)
        memory_nodes.network.reset(a.address, b.address)
        memory_nodes.network.heal(a.address, b.address)
        for result in await asyncio.gather(*asked, return_exceptions=True):
            assert result is None or isinstance(result, ConnectionLost | NotDelivered)
            answered += result is None
            failed += result is not None
    assert answered + failed == (500 if long else 30) * 50
    await touch(a, b)
