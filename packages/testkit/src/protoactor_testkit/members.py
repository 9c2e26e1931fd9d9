"""A whole cluster in one process, with faults at the push of a button.

Needs `protoactor-testkit[cluster]`.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, Self

from opentelemetry.metrics import MeterProvider
from opentelemetry.trace import TracerProvider

from protoactor import ActorSystem
from protoactor_cluster import Cluster, Grain, IdentityLookup, PartitionLookup
from protoactor_cluster.kind import Hostable
from protoactor_cluster.memory_provider import MemoryBackend, MemoryProvider
from protoactor_remote import Remote
from protoactor_remote.memory import Network
from protoactor_testkit._member_process import MemberProcess, Vitals

__all__ = ["Members"]

NOTICE = 0.05
"""Seconds until everybody knows that a connection is broken."""
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
        ttl: float = 2.0,
        provider: type[MemoryProvider] = MemoryProvider,
        tracer_provider: TracerProvider | None = None,
        meter_provider: MeterProvider | None = None,
    ) -> None:
        self.name = name
        self.network = Network(delay=latency)
        """Carries what members say to each other, and its faults."""
        self.service = MemoryBackend(ttl=ttl)
        """The membership service, and its faults."""
        self._new_provider = provider
        self._tracer_provider = tracer_provider
        self._meter_provider = meter_provider
        self._numbers = itertools.count(1)
        self._processes: dict[Cluster, MemberProcess] = {}
        self._leaving: dict[Cluster, MemberProcess] = {}
        self._buried: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        processes = {**self._leaving, **self._processes}
        self._processes.clear()
        leaving = [process.end() for process in processes.values()]
        await asyncio.gather(*leaving, *self._buried)

    # -- who is there ------------------------------------------------------------

    @property
    def alive(self) -> list[Cluster]:
        """The members that neither left nor crashed, oldest first; no clients."""
        return [cluster for cluster in self._processes if not cluster.is_client]

    def is_running(self, cluster: Cluster) -> bool:
        """Whether it has neither left nor crashed; true while it is leaving."""
        return cluster in self._processes or cluster in self._leaving

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
        port: int = 0,
        settle: bool = True,
        **options: Any,
    ) -> list[Cluster]:
        """Start members and, to `settle`, wait until all living ones agree.

        `options` are those of `Cluster`; with a `port`, start one at a time.
        """
        options = {"kinds": kinds, **options}
        processes = [self._launch(lookup, options, port) for _ in range(count)]
        clusters = [await self._started(process) for process in processes]
        if settle:
            await self.agree()
        return clusters

    async def connect(
        self, *, lookup: Lookups = PartitionLookup, **options: Any
    ) -> Cluster:
        """Start a client."""
        process = self._launch(lookup, {"client": True, **options}, 0)
        return await self._started(process)

    async def leave(self, member: Cluster) -> None:
        """Leave gracefully."""
        process = self._leaving[member] = self._processes.pop(member)
        await process.leave()
        del self._leaving[member]

    async def crash(self, member: Cluster) -> None:
        """Die at once and without a word, as by SIGKILL; its connections break."""
        process = self._processes.pop(member)
        self.service.crash(member.member_id)
        self.network.crash(member.member_address)
        self._buried.append(await process.kill())
        await asyncio.sleep(NOTICE)

    def freeze(self, member: Cluster) -> None:
        """Let it stand still, as by SIGSTOP, until `thaw`."""
        self._processes[member].vitals.dispatcher.frozen = True
        self.service.disconnect(member.member_id)
        self.partition(member, self._others(member))

    def thaw(self, member: Cluster) -> None:
        """Let it go on, as by SIGCONT: it does not know how much time has passed."""
        self.service.reconnect(member.member_id)
        self._processes[member].vitals.dispatcher.thaw()
        self.heal(member, self._others(member))

    def _others(self, member: Cluster) -> list[Cluster]:
        return [other for other in self._processes if other is not member]

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
            member.settled and member.topology.by_id.keys() == ids
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

    def _launch(
        self, lookup: Lookups, options: Mapping[str, Any], port: int
    ) -> MemberProcess:
        vitals = Vitals(self.network.transport(), self.service.ttl / 12)
        opened = self._open(next(self._numbers), vitals, lookup(), options, port)
        return MemberProcess(vitals, opened)

    async def _started(self, process: MemberProcess) -> Cluster:
        cluster = await process.started()
        self._processes[cluster] = process
        return cluster

    @asynccontextmanager
    async def _open(
        self,
        number: int,
        vitals: Vitals,
        lookup: IdentityLookup,
        options: Mapping[str, Any],
        port: int,
    ) -> AsyncGenerator[Cluster, None]:
        system = ActorSystem(
            stall_warning=None,
            dispatcher=lambda: vitals.dispatcher,
            tracer_provider=self._tracer_provider,
            meter_provider=self._meter_provider,
        )
        # random ids would make every run take another course
        system.registry.system_id = f"m{number:03}"
        system.registry.incarnation = f"{number:06}"
        provider = self._new_provider(self.service, name=f"client-{number}")
        remote = Remote(system, port=port, transport=vitals.transport)
        cluster = Cluster(
            remote,
            self.name,
            provider=provider,
            lookup=lookup,
            keep_alive=vitals.keep_alive,
            **options,
        )
        async with system, remote, cluster:
            yield cluster
