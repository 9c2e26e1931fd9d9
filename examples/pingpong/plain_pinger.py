"""The same conversation with plain messages to the ponger's PID.

`python examples/pingpong/plain_pinger.py`, before or after the ponger.
"""

from __future__ import annotations

import asyncio

from protos_pb2 import PingMessage, PongMessage

from protoactor import Actor, ActorError, Context
from protoactor_cluster import Cluster, connect
from protoactor_provider_automanaged import AutomanagedProvider


class Pinger(Actor):
    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._count = 0

    async def receive(self, context: Context) -> None:
        match context.message:
            case "tick":
                await self._ping(context)
            case PongMessage(cnt=count):
                print(f"plain pong {count}", flush=True)
            case _:
                pass

    async def _ping(self, context: Context) -> None:
        self._count += 1
        try:
            ponger = await self._cluster.get("Ponger", "ponger-1")
            if self._count % 2:
                # nobody waits: the pong comes as a message of its own
                ping = PingMessage(cnt=self._count)
                context.send(ponger, ping, sender=context.self)
            else:
                pong = await context.request(
                    ponger, PingMessage(cnt=self._count), returns=PongMessage
                )
                print(f"plain pong {pong.cnt}", flush=True)
        except ActorError as error:
            print(f"plain ping {self._count} failed: {error}", flush=True)


async def main() -> None:
    provider = AutomanagedProvider(hosts=["127.0.0.1:6331"])
    async with connect("cluster-example", provider=provider, port=8082) as cluster:
        print("plain pinger, Ctrl-C ends it", flush=True)
        pinger = cluster.system.spawn(lambda: Pinger(cluster))
        cluster.system.scheduler.send_repeatedly(0.0, 1.0, pinger, "tick")
        await cluster.wait_closed()


if __name__ == "__main__":
    try:
        asyncio.run(main())
    except (ActorError, OSError) as error:
        raise SystemExit(f"plain pinger: {error}") from None
