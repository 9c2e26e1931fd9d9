"""A process that is the only member of a cluster: PORT is where it is asked."""

from __future__ import annotations

import asyncio
import sys

from benchmarks._echo import Echo, EchoGrain
from protoactor_cluster import join
from protoactor_provider_automanaged import AutomanagedProvider

__all__ = ["CLUSTER"]

CLUSTER = "benchmarks"


async def main(port: int) -> None:
    provider = AutomanagedProvider([f"127.0.0.1:{port}"], port)
    async with join(CLUSTER, provider=provider, kinds=[EchoGrain]) as cluster:
        cluster.system.spawn_named(Echo, "echo")
        print(cluster.member_address, flush=True)
        await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
