"""The program of a `MemberProcess`; run by its path, it imports nothing of pytest."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from contextlib import aclosing
from typing import cast

from protoactor.plugins import CLUSTER_PROVIDERS, load
from protoactor_cluster.errors import MembershipLost
from protoactor_cluster.provider import ClusterProvider, Member

__all__: list[str] = []


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
