import asyncio

from protoactor_cluster import Grain, join
from protoactor_provider_automanaged import AutomanagedProvider


class Counter(Grain, idle_timeout=60.0):
    def __init__(self) -> None:
        self._total = 0

    async def add(self, amount: int) -> int:
        self._total += amount
        return self._total


async def main() -> None:
    provider = AutomanagedProvider(hosts=["127.0.0.1:6331"], port=6331)
    async with join("shop", provider=provider, kinds=[Counter]) as cluster:
        visits = cluster.grain(Counter, "visits")
        await visits.add(2)
        print(await visits.add(3))


asyncio.run(main())
