"""The harness of the in-memory provider: the smallest one that can do everything."""

from __future__ import annotations

import asyncio

from protoactor_cluster.memory_provider import MemoryBackend, MemoryProvider, Records
from protoactor_cluster.provider import ClusterProvider, Member
from protoactor_testkit.contracts.harness import ProviderHarness, RunningMember
from protoactor_testkit.contracts.view_log import ViewLog

__all__ = ["MemoryHarness"]


class MemoryHarness(ProviderHarness):
    """`MemoryProvider`s on one backend, with a TTL of a fraction of a second."""

    ttl = 0.2
    resync = 0.1

    def __init__(
        self,
        provider: type[MemoryProvider] = MemoryProvider,
        backend: type[MemoryBackend] = MemoryBackend,
    ) -> None:
        super().__init__()
        self.backend = backend(ttl=self.ttl)
        self._provider = provider

    def provider(self) -> MemoryProvider:
        return self._provider(self.backend)

    def client(self) -> MemoryProvider:
        return self._provider(self.backend)

    async def start_member(self, cluster: str, member: Member) -> RunningMember:
        return await _InMemoryMember.start(self.backend, cluster, member)

    async def stop_service(self) -> None:
        self.backend.stop()

    async def start_service(self, records: Records = "kept") -> None:
        self.backend.start(records)

    async def isolate(self, provider: ClusterProvider) -> None:
        assert isinstance(provider, MemoryProvider)
        self.backend.disconnect(provider.name)

    async def reconnect(self, provider: ClusterProvider) -> None:
        assert isinstance(provider, MemoryProvider)
        self.backend.reconnect(provider.name)

    async def stall_watches(self) -> None:
        self.backend.stall_watches()


class _InMemoryMember:
    """A member that dies when the backend is told that it did."""

    def __init__(self, backend: MemoryBackend, cluster: str, member: Member) -> None:
        self._backend = backend
        self._member = member
        self._joined = asyncio.Event()
        self._leaving = asyncio.Event()
        self._task = asyncio.create_task(self._run(cluster))

    @classmethod
    async def start(
        cls, backend: MemoryBackend, cluster: str, member: Member
    ) -> _InMemoryMember:
        started = cls(backend, cluster, member)
        await started._joined.wait()
        return started

    async def kill(self) -> None:
        self._backend.crash(self._member.id)
        await self.leave()

    async def leave(self) -> None:
        self._leaving.set()
        await self._task

    async def block_loop(self, seconds: float) -> None:
        raise NotImplementedError("it shares the loop of the test")

    async def freeze(self) -> None:
        self._backend.disconnect(self._member.id)

    async def thaw(self) -> None:
        self._backend.reconnect(self._member.id)

    async def membership_lost(self, within: float) -> None:
        await self._views.until_lost(within)

    async def _run(self, cluster: str) -> None:
        provider = MemoryProvider(self._backend)
        async with (
            provider.join(cluster, self._member),
            ViewLog(provider, cluster, me=self._member) as self._views,
        ):
            self._joined.set()
            await self._leaving.wait()
