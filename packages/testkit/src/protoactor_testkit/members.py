"""A whole cluster in one process, with faults at the push of a button.

Needs `protoactor-testkit[cluster]`.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, Self

from opentelemetry.trace import TracerProvider

from protoactor import ActorSystem
from protoactor_cluster import (
    Cluster,
    Grain,
    IdentityLookup,
    MemoryBackend,
    MemoryProvider,
    PartitionLookup,
)
from protoactor_cluster.kind import Hostable
from protoactor_remote import Remote
from protoactor_remote.memory import Network
from protoactor_testkit._member_process import HaltingDispatcher, MemberProcess

__all__ = ["Members"]

Lookups = Callable[[], IdentityLookup]


class Members:
    """Members and clients over an in-memory network and membership service.

    Each has an actor system of its own and ends like a process. An async context
    manager; the fixture `members` is one, on a loop with virtual time. Times are
    in seconds: `latency` is that of the network, `ttl` the service's lease.

    >>> async def test_counter_survives_a_crash(members: Members) -> None:
    ...     a, b, c = await members.start(3, kinds=[Counter])
    ...     await a.grain(Counter, "x").add(1)
    ...     await members.crash(members.host_of(Counter, "x"))
    """

    def __init__(
        self,
        *,
        name: str = "test",
        latency: float = 0.001,
        ttl: float = 5.0,
        tracer_provider: TracerProvider | None = None,
    ) -> None:
        self.name = name
        self.network = Network()
        """Carries what members say to each other, and its faults."""
        self.service = MemoryBackend(ttl=ttl)
        """The membership service, and its faults."""
        self._latency = latency
        self._tracer_provider = tracer_provider
        self._numbers = itertools.count(1)
        self._processes: dict[Cluster, MemberProcess] = {}
        self._buried: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        running = [process.leave() for process in self._processes.values()]
        self._processes.clear()
        await asyncio.gather(*running, *self._buried)

    # -- who is there ------------------------------------------------------------

    @property
    def alive(self) -> list[Cluster]:
        """The members that neither left nor crashed, oldest first; no clients."""
        return [cluster for cluster in self._processes if not cluster.is_client]

    def host_of(self, kind: type[Grain] | str, name: str) -> Cluster:
        """The living member that hosts this identity; raises `LookupError`."""
        kind = kind if isinstance(kind, str) else kind.__kind__
        for cluster in self.alive:
            if cluster.activation(kind, name) is not None:
                return cluster
        raise LookupError(f"{kind}/{name} is active nowhere")

    # -- coming and going --------------------------------------------------------

    async def start(
        self,
        count: int = 1,
        *,
        kinds: Sequence[Hostable] = (),
        lookup: Lookups = PartitionLookup,
        **options: Any,
    ) -> list[Cluster]:
        """Start members and wait until all living ones agree.

        `options` are those of `Cluster`.
        """
        options = {"kinds": kinds, **options}
        processes = [self._launch(lookup, options) for _ in range(count)]
        clusters = [await self._started(process) for process in processes]
        await self.agree()
        return clusters

    async def connect(
        self, *, lookup: Lookups = PartitionLookup, **options: Any
    ) -> Cluster:
        """Start a client."""
        process = self._launch(lookup, {"client": True, **options})
        return await self._started(process)

    async def leave(self, member: Cluster) -> None:
        """Leave gracefully."""
        await self._processes.pop(member).leave()

    async def crash(self, member: Cluster) -> None:
        """Die at once and without a word, as by SIGKILL."""
        process = self._processes.pop(member)
        self.service.crash(member.member_id)
        for other in self._processes:
            self.network.reset(member.member_address, other.member_address)
        self.network.crash(member.member_address)
        self._buried.append(await process.kill())

    async def agree(self, *, timeout: float = 30.0) -> None:
        """Wait until all living members see exactly each other and handed over.

        Raises `TimeoutError`.
        """
        async with asyncio.timeout(timeout):
            while not self.agreed:  # noqa: ASYNC110 (virtual time costs nothing)
                await asyncio.sleep(0.01)

    @property
    def agreed(self) -> bool:
        """Whether all living members see exactly each other and handed over."""
        ids = {member.member_id for member in self.alive}
        versions = {member.topology.id for member in self.alive}
        return len(versions) <= 1 and all(
            member.ready and member.topology.by_id.keys() == ids
            for member in self.alive
        )

    # -- the network ---------------------------------------------------------------

    def partition(self, *sides: Cluster | Sequence[Cluster]) -> None:
        """Hold back all traffic between the sides, as lost packets do.

        The membership service stays reachable, see `service`.
        """
        for one, other in self._pairs(sides):
            self.network.partition(one.member_address, other.member_address)

    def heal(self, *sides: Cluster | Sequence[Cluster]) -> None:
        """End `partition`, everywhere if no sides are given."""
        for one, other in self._pairs(sides or tuple(self._processes)):
            self.network.heal(one.member_address, other.member_address)

    def delay(self, one: Cluster, other: Cluster, seconds: float) -> None:
        """Let everything between the two travel this long."""
        self.network.delay(one.member_address, other.member_address, seconds)

    @staticmethod
    def _pairs(
        sides: Sequence[Cluster | Sequence[Cluster]],
    ) -> Iterator[tuple[Cluster, Cluster]]:
        groups = [[side] if isinstance(side, Cluster) else side for side in sides]
        for one, other in itertools.combinations(groups, 2):
            yield from itertools.product(one, other)

    # -- processes -----------------------------------------------------------------

    def _launch(self, lookup: Lookups, options: dict[str, Any]) -> MemberProcess:
        number = next(self._numbers)

        def open_cluster(
            dispatcher: HaltingDispatcher,
        ) -> AbstractAsyncContextManager[Cluster]:
            return self._open(number, dispatcher, lookup(), options)

        return MemberProcess(open_cluster)

    async def _started(self, process: MemberProcess) -> Cluster:
        cluster = await process.started()
        for other in self._processes:
            self.delay(cluster, other, self._latency)
        self._processes[cluster] = process
        return cluster

    @asynccontextmanager
    async def _open(
        self,
        number: int,
        dispatcher: HaltingDispatcher,
        lookup: IdentityLookup,
        options: dict[str, Any],
    ) -> AsyncGenerator[Cluster, None]:
        system = ActorSystem(
            stall_warning=None,
            dispatcher=lambda: dispatcher,
            tracer_provider=self._tracer_provider,
        )
        # random ids would make every run take another course
        system.registry.system_id = f"m{number:03}"
        system.registry.incarnation = f"{number:06}"
        provider = MemoryProvider(self.service, name=f"client-{number}")
        async with (
            system,
            Remote(system, transport=self.network.transport()) as remote,
            Cluster(
                remote, self.name, provider=provider, lookup=lookup, **options
            ) as cluster,
        ):
            yield cluster
