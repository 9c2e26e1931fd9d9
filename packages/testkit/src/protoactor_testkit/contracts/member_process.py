"""A member in a process of its own: it can be killed, and its loop blocked."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from asyncio.subprocess import PIPE, Process
from contextlib import aclosing
from typing import cast

from protoactor.plugins import CLUSTER_PROVIDERS, load
from protoactor_cluster.errors import MembershipLost
from protoactor_cluster.provider import ClusterProvider, Member

__all__ = ["MemberProcess"]


class MemberProcess:
    """Joins by URL in a fresh interpreter and takes orders on its standard input."""

    def __init__(self, process: Process) -> None:
        self._process = process

    @classmethod
    async def start(
        cls, url: str, cluster: str, member: Member, within: float
    ) -> MemberProcess:
        """Start it and wait until it has joined; the child inherits stderr."""
        order = json.dumps([url, cluster, *_dump(member)])
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", __name__, order, stdin=PIPE, stdout=PIPE
        )
        started = cls(process)
        try:
            await started._expect("joined", within)
        except BaseException:
            await started.kill()
            raise
        return started

    async def kill(self) -> None:
        if self._process.returncode is None:
            self._process.kill()
        await self._reap()

    async def block_loop(self, seconds: float) -> None:
        await self._order(f"block {seconds}")
        await self._expect("blocking", within=10.0)

    async def membership_lost(self, within: float) -> None:
        await self._expect("lost", within)

    async def leave(self) -> None:
        await self._order("leave")
        await self._reap()

    async def _order(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{line}\n".encode())
        await self._process.stdin.drain()

    async def _expect(self, word: str, within: float) -> None:
        assert self._process.stdout is not None
        async with asyncio.timeout(within):
            line = (await self._process.stdout.readline()).decode().strip()
        if line != word:
            raise AssertionError(f"the member process said {line!r}, not {word!r}")

    async def _reap(self) -> None:
        """Wait for the end and close both pipes."""
        await self._process.communicate()


def _dump(member: Member) -> list[object]:
    return [
        member.id,
        member.host,
        member.port,
        sorted(member.kinds),
        [list(pair) for pair in member.metadata],
    ]


async def _run(
    url: str,
    cluster: str,
    id: str,
    host: str,
    port: int,
    kinds: list[str],
    metadata: list[tuple[str, str]],
) -> None:
    provider = cast(ClusterProvider, load(CLUSTER_PROVIDERS, url))
    pairs = tuple((key, value) for key, value in metadata)
    member = Member(id, host, port, frozenset(kinds), pairs)
    async with provider.join(cluster, member):
        print("joined", flush=True)
        watching = asyncio.create_task(_watch(provider, cluster))
        await _obey(await _standard_input())
        watching.cancel()
        await asyncio.wait([watching])


async def _watch(provider: ClusterProvider, cluster: str) -> None:
    try:
        async with aclosing(provider.watch(cluster)) as views:
            async for _ in views:
                pass
    except MembershipLost:
        print("lost", flush=True)


async def _obey(orders: asyncio.StreamReader) -> None:
    while (line := (await orders.readline()).decode().split()) and line[0] == "block":
        print("blocking", flush=True)
        time.sleep(float(line[1]))  # noqa: ASYNC251 (it is what was ordered)


async def _standard_input() -> asyncio.StreamReader:
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), sys.stdin
    )
    return reader


if __name__ == "__main__":
    asyncio.run(_run(*json.loads(sys.argv[1])))
