"""A member in a pod: `kubernetes://` in PROTOACTOR_CLUSTER_URL says where the others are."""

import asyncio
import os

from protoactor_cluster import Grain, join


class Counter(Grain, idle_timeout=60.0):
    def __init__(self) -> None:
        self._total = 0

    async def add(self, amount: int) -> int:
        self._total += amount
        return self._total


async def main() -> None:
    async with join(
        "shop", kinds=[Counter], host=os.environ["POD_IP"], port=8080
    ) as cluster:
        await cluster.wait_closed()  # until Kubernetes sends SIGTERM


asyncio.run(main())
