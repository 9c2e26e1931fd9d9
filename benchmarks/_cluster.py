"""A cluster in this process: members over an in-memory network, in real time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Self

from benchmarks._network import CountingNetwork
from protoactor import ActorSystem
from protoactor_cluster import Cluster, IdentityLookup, PartitionLookup
from protoactor_cluster.kind import Hostable
from protoactor_cluster.memory_provider import MemoryBackend, MemoryProvider
from protoactor_remote import Remote

__all__ = ["LocalCluster"]

PATIENCE = 400.0
LEASE = 60.0
"""Seconds: all members share one loop, which is kept busy."""


class LocalCluster:
    """Members that come, and leave when the block ends."""

    def __init__(
        self,
        kinds: Sequence[Hostable],
        lookup: Callable[[], IdentityLookup] = PartitionLookup,
        *,
        delay: float = 0.0,
    ) -> None:
        self.network = CountingNetwork(delay=delay)
        self.members: list[Cluster] = []
        self._service = MemoryBackend(ttl=LEASE)
        self._kinds = kinds
        self._lookup = lookup
        self._exits: list[AsyncExitStack] = []

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await asyncio.gather(*(exit.aclose() for exit in self._exits))

    async def start(self, count: int) -> None:
        """Let members join, one after the other, and wait until all agree."""
        for _ in range(count):
            exit = AsyncExitStack()
            self.members.append(await exit.enter_async_context(self._member()))
            self._exits.append(exit)
        await self.agree()

    async def leave(self) -> None:
        """Let the youngest member leave in good order, and wait until all agree."""
        self.members.pop()
        await self._exits.pop().aclose()
        await self.agree()

    async def agree(self) -> None:
        """Wait until all see each other and have handed over."""
        async with asyncio.timeout(PATIENCE):
            while not self.agreed:  # noqa: ASYNC110 (any of many members)
                await asyncio.sleep(0.001)

    @property
    def agreed(self) -> bool:
        ids = {member.member_id for member in self.members}
        return all(
            member.settled and member.topology.by_id.keys() == ids
            for member in self.members
        )

    @asynccontextmanager
    async def _member(self) -> AsyncGenerator[Cluster, None]:
        async with (
            ActorSystem(stall_warning=None, shutdown_timeout=PATIENCE) as system,
            Remote(system, transport=self.network.counted()) as remote,
            Cluster(
                remote,
                "bench",
                provider=MemoryProvider(self._service),
                kinds=self._kinds,
                lookup=self._lookup(),
                drain_timeout=PATIENCE,
            ) as cluster,
        ):
            yield cluster
