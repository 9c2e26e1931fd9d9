"""A member that knows nothing of OpenTelemetry; `opentelemetry-instrument` runs it."""

from __future__ import annotations

import asyncio
import signal
import sys

from protoactor_cluster import Cluster, Grain, TopologyChanged, join

__all__ = ["Napper", "Worker"]


class Worker(Grain):
    """Answers with the address of its member."""

    async def work(self) -> str:
        return self.cluster.member_address


class Napper(Grain, idle_timeout=0.5):
    """Is passivated soon."""

    async def work(self) -> str:
        return self.cluster.member_address


def report(cluster: Cluster) -> None:
    print(f"sees {len(cluster.topology)} members", flush=True)


async def until_told() -> None:
    """Wait for SIGUSR1."""
    told = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, told.set)
    print("waits", flush=True)
    await told.wait()


async def main(provider: str, waits: bool) -> None:
    if waits:
        await until_told()
    async with join("traced", provider=provider, kinds=[Worker, Napper]) as cluster:
        cluster.system.events.subscribe(lambda _: report(cluster), TopologyChanged)
        report(cluster)
        print(f"joined {cluster.member_address}", flush=True)
        await cluster.wait_closed()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], waits="--wait" in sys.argv))
