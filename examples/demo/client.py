"""The client process of the demo: pings all the time and reports how it goes."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import AsyncIterator

import lines
import spans
from grains import Pong, Ponger

from protoactor import ActorError
from protoactor_cluster import (
    Cluster,
    ClusterIdentity,
    TopologyChanged,
    connect,
)

CALLERS = 8
REPORT = 0.2
PAUSE = 0.002
SURVEYED = 40


class Pinger:
    """Several callers of one grain, who can be paused."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._grain = cluster.grain(Ponger, "ponger-1", timeout=20.0)
        self._loop = asyncio.get_running_loop()
        self._running = asyncio.Event()
        self._latencies: list[float] = []
        self._failed: list[str] = []
        self._last: Pong | None = None

    async def call_forever(self) -> None:
        while True:
            await self._running.wait()
            started = self._loop.time()
            try:
                self._last = await self._grain.ping()
            except ActorError as error:
                self._failed.append(f"{type(error).__name__}: {error}")
            else:
                self._latencies.append(self._loop.time() - started)
            await asyncio.sleep(PAUSE)

    async def report_forever(self) -> None:
        while True:
            await asyncio.sleep(REPORT)
            latencies, self._latencies = sorted(self._latencies), []
            failed, self._failed = self._failed, []
            last = self._last
            lines.write(
                "calls",
                latencies=[round(latency * 1000, 3) for latency in latencies],
                failed=failed,
                host=last.host if last else None,
                activated_at=last.activated_at if last else None,
            )

    async def obey(self) -> None:
        """Follow the commands on standard input until it ends."""
        async for command in _commands():
            if command.startswith("survey"):
                await self._survey(int(command.split()[1]))
            elif command == "pause":
                self._running.clear()
            elif command == "resume":
                self._running.set()
            elif command == "quit":
                return

    async def _survey(self, members: int) -> None:
        """Ask every grain where it lives, and the ring of so many members who owns it."""
        events = self._cluster.system.events
        if len(self._cluster.topology) != members:
            await events.first(
                TopologyChanged, where=lambda it: len(it.current) == members
            )
        grains = [self._where(f"grain-{number}") for number in range(SURVEYED)]
        lines.write("survey", grains=await asyncio.gather(*grains))

    async def _where(self, name: str) -> list[object]:
        pong = await self._cluster.grain(Ponger, name, timeout=20.0).ping()
        owner = self._cluster.lookup.owner_actor(ClusterIdentity("Ponger", name))
        return [name, owner.address if owner else "", pong.host, pong.activated_at]


async def _commands() -> AsyncIterator[str]:
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), sys.stdin
    )
    while line := await reader.readline():
        yield line.decode().strip()


async def main(provider: str, trace: bool) -> None:
    if trace:
        spans.write_spans()
    async with connect("demo", provider=provider) as cluster:
        pinger = Pinger(cluster)
        lines.write("connected")
        work = [asyncio.create_task(pinger.call_forever()) for _ in range(CALLERS)]
        work.append(asyncio.create_task(pinger.report_forever()))
        try:
            await pinger.obey()
        finally:
            for task in work:
                task.cancel()
            await asyncio.gather(*work, return_exceptions=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("provider")
    parser.add_argument("--trace", action="store_true")
    arguments = parser.parse_args()
    try:
        asyncio.run(main(arguments.provider, arguments.trace))
    except Exception as error:
        sys.exit(f"client: {error}")
