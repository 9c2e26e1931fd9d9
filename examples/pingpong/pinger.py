"""A client whose actor pings the ponger every second by grain call.

`python examples/pingpong/pinger.py`, before or after the ponger.
"""

from __future__ import annotations

import asyncio

from protos_grains import PongerGrain
from protos_pb2 import PingMessage

from protoactor import Actor, ActorError, Context
from protoactor_cluster import Cluster, connect
from protoactor_provider_automanaged import AutomanagedProvider


class Pinger(Actor):
    def __init__(self, cluster: Cluster) -> None:
        self._ponger = cluster.grain(PongerGrain, "ponger-1", retries=3)
        self._count = 0

    async def receive(self, context: Context) -> None:
        if context.message == "tick":
            self._count += 1
            try:
                pong = await self._ponger.ping(PingMessage(cnt=self._count))
                print(f"pong {pong.cnt}", flush=True)
            except ActorError as error:
                print(f"ping {self._count} failed: {error}", flush=True)


async def main() -> None:
    provider = AutomanagedProvider(hosts=["127.0.0.1:6331"])
    async with connect("cluster-example", provider=provider, port=8081) as cluster:
        print("pinger, Ctrl-C ends it", flush=True)
        pinger = cluster.system.spawn(lambda: Pinger(cluster))
        cluster.system.scheduler.send_repeatedly(0.0, 1.0, pinger, "tick")
        await cluster.wait_closed()


if __name__ == "__main__":
    try:
        asyncio.run(main())
    except (ActorError, OSError) as error:
        raise SystemExit(f"pinger: {error}") from None
