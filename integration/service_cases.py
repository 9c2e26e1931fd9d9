"""A service that hangs, goes away and returns: the same for all that are one."""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import replace
from typing import Protocol

import pytest
from members import SLACK, held, joined, looking_on, new_member
from tcp_link import TcpLink

from protoactor_cluster.errors import ClusterError
from protoactor_cluster.provider import ClusterProvider, Member, lease_ttl
from protoactor_testkit.contracts.joined import eventually

__all__ = ["Service", "ServiceCases"]


class Service(Protocol):
    """A server that runs, at a port of this machine."""

    port: int

    @property
    def endpoint(self) -> str: ...

    def freeze(self) -> None: ...

    def thaw(self) -> None: ...


class ServiceCases:
    """Subclass it, say how to reach the service, and how it forgets a member."""

    most_attempts = 24
    """In 8 s without a service: the member's and its watch's together."""
    attempts_until_noticed = 2
    leaves_within = 2.0
    """Lease times, with a service that hangs."""

    @pytest.fixture
    def service(self) -> Service:
        raise NotImplementedError

    @pytest.fixture
    def cluster(self) -> str:
        """A name that no other test has."""
        return f"shop-{secrets.token_hex(4)}"

    def provider(self, endpoint: str) -> ClusterProvider:
        raise NotImplementedError

    async def forget(self, service: Service, cluster: str, member: Member) -> None:
        """End a member's record, as if it had not been renewed in time."""
        raise NotImplementedError

    async def mark(self, service: Service, cluster: str, member: Member) -> None:
        """Say that the other members have let go of this one."""
        raise NotImplementedError

    async def test_two_members_at_one_address(
        self, service: Service, cluster: str
    ) -> None:
        """A mistake of who runs them: each still sees itself, and nothing twice."""
        one, other = new_member(), new_member()
        other = replace(other, port=one.port)
        async with (
            joined(self.provider(service.endpoint), cluster, one) as a,
            joined(self.provider(service.endpoint), cluster, other) as b,
            looking_on(self.provider(service.endpoint), cluster) as views,
        ):
            await b.views.until(other)
            await views.until(other)
            await a.views.until(one)

    async def test_one_member_for_a_provider_and_cluster(
        self, service: Service, cluster: str
    ) -> None:
        provider = self.provider(service.endpoint)
        async with joined(provider, cluster) as a:
            with pytest.raises(ClusterError, match="provider of its own"):
                async with provider.join(cluster, new_member()):
                    pytest.fail("joined")
            async with joined(provider, cluster + "-2") as b:
                await b.views.until(b.member)
            await a.views.until(a.member)

    async def test_who_was_dropped_stays_out(
        self, service: Service, cluster: str
    ) -> None:
        """The member is away; the service says that others let go of it."""
        with TcpLink(("127.0.0.1", service.port)) as link:
            async with joined(self.provider(link.endpoint), cluster) as a:
                await a.views.until(a.member)
                await self.miss(service, link, cluster, a.member, marked=True)
                await a.views.until_lost()
        async with looking_on(self.provider(service.endpoint), cluster) as views:
            await views.until()

    async def test_who_nobody_dropped_returns(
        self, service: Service, cluster: str
    ) -> None:
        with TcpLink(("127.0.0.1", service.port)) as link:
            async with joined(self.provider(link.endpoint), cluster) as a:
                await a.views.until(a.member)
                await self.miss(service, link, cluster, a.member, marked=False)
                other = self.provider(service.endpoint)
                async with looking_on(other, cluster) as views:
                    await views.until_listed(a.member)
                    await a.views.quiet(2 * lease_ttl(other))

    async def test_a_new_watch_confirms_nobody_who_was_dropped(
        self, service: Service, cluster: str
    ) -> None:
        """A process that was frozen asks for a fresh view before it serves again."""
        with TcpLink(("127.0.0.1", service.port)) as link:
            provider, member = self.provider(link.endpoint), new_member()
            async with provider.join(cluster, member):
                await self.miss(service, link, cluster, member, marked=True)
                async with looking_on(provider, cluster) as views:
                    await views.until_lost()
                    assert views.history == []

    async def test_leaving_a_service_that_hangs_is_bounded(
        self, service: Service, cluster: str
    ) -> None:
        loop = asyncio.get_running_loop()
        async with joined(self.provider(service.endpoint), cluster) as a:
            await a.views.until(a.member)
            service.freeze()
            started = loop.time()
        assert loop.time() - started < self.leaves_within * lease_ttl(a.provider)
        service.thaw()

    async def test_an_outage_is_no_storm(self, service: Service, cluster: str) -> None:
        with TcpLink(("127.0.0.1", service.port)) as link:
            async with joined(self.provider(link.endpoint), cluster) as a:
                await a.views.until(a.member)
                before = link.accepted
                link.refuse(True)
                await a.views.quiet(8.0)
                assert 4 <= link.accepted - before <= self.most_attempts
                link.refuse(False)
                async with joined(self.provider(service.endpoint), cluster) as b:
                    await a.views.until(a.member, b.member)

    async def test_reconnecting_again_and_again_leaks_nothing(
        self, service: Service, cluster: str, request: pytest.FixtureRequest
    ) -> None:
        times = 100 if request.config.getoption("--long", default=False) else 10
        with TcpLink(("127.0.0.1", service.port)) as link:
            async with joined(self.provider(link.endpoint), cluster) as a:

                async def reconnect(turns: int) -> None:
                    for _ in range(turns):
                        link.refuse(True)
                        link.refuse(False)
                        other = self.provider(service.endpoint)
                        async with joined(other, cluster) as b:
                            await a.views.until_listed(b.member)
                    both = lambda: link.connections == 2  # noqa: E731
                    await eventually(both, lambda: str(link.connections), 30.0)

                await reconnect(2)
                before = held()
                await reconnect(times)
                await eventually(
                    lambda: all(
                        now <= then for now, then in zip(held(), before, strict=True)
                    ),
                    lambda: f"{before} became {held()}",
                    lease_ttl(a.provider) + SLACK,
                )

    async def miss(
        self,
        service: Service,
        link: TcpLink,
        cluster: str,
        member: Member,
        *,
        marked: bool,
    ) -> None:
        """The service forgets a member while that cannot reach it, and knows it."""
        link.refuse(True)
        refused = link.accepted
        await self.forget(service, cluster, member)
        if marked:
            await self.mark(service, cluster, member)
        enough = refused + self.attempts_until_noticed
        await eventually(lambda: link.accepted >= enough, lambda: "no attempts", 30.0)
        link.refuse(False)
