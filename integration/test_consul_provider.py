"""The Consul provider against a real agent: what the contract leaves open."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import pytest
from certificates import Certificates
from consul_server import ConsulServer, run_consul
from members import SLACK, joined, looking_on, new_member
from service_cases import Service, ServiceCases
from tls_cases import Secured, TLSCases

from protoactor_cluster.provider import Member
from protoactor_cluster.spi import ServiceTLS
from protoactor_provider_consul import ConsulProvider, ConsulRefused, ConsulTLS
from protoactor_testkit.contracts.joined import eventually

pytestmark = pytest.mark.built

TTL = 3.0
WITHIN = TTL + SLACK
GO_SERVICE = {
    "ID": "NeyzJ6ZJ3DV7GNMFYz7R8H",
    "Tags": ["Ponger", "prototopic"],
    "Address": "127.0.0.1",
    "Port": 8080,
    "Meta": {"id": "NeyzJ6ZJ3DV7GNMFYz7R8H"},
}
GO_CHECK = {
    "TTL": "60s",
    "DeregisterCriticalServiceAfter": "60s",
    "Status": "passing",
}
GO_KINDS = frozenset({"Ponger", "prototopic"})
GO_MEMBER = Member("NeyzJ6ZJ3DV7GNMFYz7R8H", "127.0.0.1", 8080, GO_KINDS)


def new_provider(endpoint: str, **options: Any) -> ConsulProvider:
    return ConsulProvider(endpoint, ttl=TTL, **options)


@pytest.fixture
def cluster() -> str:
    """A name that no other test has."""
    return f"shop-{secrets.token_hex(4)}"


def deregister(consul: ConsulServer, member: Member) -> None:
    consul.ask("PUT", f"agent/service/deregister/{member.id}")


class TestServices:
    async def test_the_service_is_protoactor_gos(
        self, consul: ConsulServer, cluster: str
    ) -> None:
        async with joined(new_provider(consul.endpoint), cluster, GO_MEMBER):
            (entry,) = consul.ask("GET", f"health/service/{cluster}")
            service = {name: entry["Service"][name] for name in GO_SERVICE}
            assert service == GO_SERVICE
            checks = {check["CheckID"] for check in entry["Checks"]}
            assert checks == {"serfHealth", f"service:{GO_MEMBER.id}"}
        assert consul.ask("GET", f"health/service/{cluster}") == []

    async def test_a_member_of_protoactor_go_is_seen(
        self, consul: ConsulServer, cluster: str
    ) -> None:
        service = {**GO_SERVICE, "Name": cluster, "Check": GO_CHECK}
        async with looking_on(new_provider(consul.endpoint), cluster) as views:
            await views.until()
            consul.ask("PUT", "agent/service/register", service)
            await views.until(GO_MEMBER)
            consul.ask("PUT", f"agent/check/fail/service:{GO_MEMBER.id}")
            await views.until()
            consul.ask("PUT", f"agent/check/pass/service:{GO_MEMBER.id}")
            await views.until(GO_MEMBER)
            deregister(consul, GO_MEMBER)
            await views.until()

    async def test_names_that_differ_in_case_only(
        self, consul: ConsulServer, cluster: str
    ) -> None:
        """Consul looks them up as one."""
        async with (
            joined(new_provider(consul.endpoint), cluster) as a,
            joined(new_provider(consul.endpoint), cluster.upper()) as b,
        ):
            await a.views.until(a.member)
            await b.views.until(b.member)

    async def test_garbage_is_skipped(self, consul: ConsulServer, cluster: str) -> None:
        garbage: list[dict[str, Any]] = [
            {"Meta": None},
            {"Meta": {"id": ""}},
            {"Address": ""},
            {"Tags": [f"kind-{number}" * 10 for number in range(5000)]},
            {"Meta": {"id": "x", "metadata-0": "garbage"}},
        ]
        async with joined(new_provider(consul.endpoint), cluster) as a:
            await a.views.until(a.member)
            for number, spoilt in enumerate(garbage):
                service = {
                    **GO_SERVICE,
                    **spoilt,
                    "Name": cluster,
                    "ID": f"{number}-{cluster}",
                }
                consul.ask(
                    "PUT", "agent/service/register", {**service, "Check": GO_CHECK}
                )
            async with joined(new_provider(consul.endpoint), cluster) as b:
                await a.views.until(a.member, b.member)
                await b.views.until(a.member, b.member)


class TestEviction:
    async def test_a_deregistered_service(
        self, consul: ConsulServer, cluster: str
    ) -> None:
        async with (
            joined(new_provider(consul.endpoint), cluster) as a,
            joined(new_provider(consul.endpoint), cluster) as b,
        ):
            await a.views.until(a.member, b.member)
            deregister(consul, b.member)
            await a.views.until(a.member)
            await b.views.until_lost()

    async def test_a_deregistered_service_that_nobody_watched(
        self, consul: ConsulServer, cluster: str
    ) -> None:
        provider, member = new_provider(consul.endpoint), new_member()
        async with provider.join(cluster, member):
            deregister(consul, member)
            membership = provider._membership(cluster)
            await eventually(
                lambda: membership.lost is not None, lambda: "not lost", WITHIN
            )
            async with looking_on(provider, cluster) as views:
                await views.until_lost()

    async def test_members_are_dropped_after_the_store_was_wiped(
        self, consul: ConsulServer, cluster: str
    ) -> None:
        """The session of the marks was wiped away with everything else."""
        async with joined(new_provider(consul.endpoint), cluster) as a:
            async with joined(new_provider(consul.endpoint), cluster) as b:
                async with joined(new_provider(consul.endpoint), cluster) as c:
                    await a.views.until(a.member, b.member, c.member)
                await a.views.until(a.member, b.member)
                await asyncio.to_thread(consul.kill)
                await a.views.quiet(TTL / 2)  # an outage, not a deregistration
                consul.wipe()
                await asyncio.to_thread(consul.start)
                await a.views.quiet(2 * TTL)
            await a.views.until(a.member)

    async def test_a_mark_ends_with_a_session_of_a_day(
        self, consul: ConsulServer, cluster: str
    ) -> None:
        async with joined(new_provider(consul.endpoint), cluster) as a:
            async with joined(new_provider(consul.endpoint), cluster) as b:
                await a.views.until(a.member, b.member)
            await a.views.until(a.member)
            key = f"kv/protoactor/evicted/{cluster}/{b.member.id}"
            (mark,) = consul.ask("GET", key)
            (session,) = consul.ask("GET", f"session/info/{mark['Session']}")
            assert (session["TTL"], session["Behavior"]) == ("86400s", "delete")


class TestService(ServiceCases):
    most_attempts = 48  # aiohttp doubles each
    attempts_until_noticed = 6

    @pytest.fixture
    def service(self, consul: ConsulServer) -> ConsulServer:
        return consul

    def provider(self, endpoint: str) -> ConsulProvider:
        return new_provider(endpoint)

    async def forget(self, service: Service, cluster: str, member: Member) -> None:
        assert isinstance(service, ConsulServer)
        deregister(service, member)

    async def mark(self, service: Service, cluster: str, member: Member) -> None:
        assert isinstance(service, ConsulServer)
        service.ask("PUT", f"kv/protoactor/evicted/{cluster}/{member.id}", b"")


MANAGEMENT = "6b1f0d2e-1111-4222-8333-444455556666"


@pytest.fixture(scope="module")
def guarded() -> Generator[ConsulServer, None, None]:
    """A Consul that lets nobody in without a token."""
    tokens = {"initial_management": MANAGEMENT, "agent": MANAGEMENT}
    acl = {"enabled": True, "default_policy": "deny", "tokens": tokens}
    with run_consul(acl=acl) as server:
        yield server


class TestAccess:
    """Tokens, and what they may do."""

    async def test_a_token_with_the_rules_of_the_readme(
        self, guarded: ConsulServer
    ) -> None:
        token = new_token(
            guarded,
            'service "shop" { policy = "write" }',
            'node_prefix "" { policy = "read" }',
            'session_prefix "" { policy = "write" }',
            'key_prefix "protoactor" { policy = "write" }',
        )
        by_url = ConsulProvider.from_url(
            f"consul://{guarded.endpoint}?ttl=3&token={token}"
        )
        by_name = new_provider(guarded.endpoint, token=token)
        async with joined(by_url) as a:
            async with joined(by_name) as b:
                await a.views.until(a.member, b.member)
            await a.views.until(a.member)

    @pytest.mark.parametrize(
        "rules",
        [
            (),
            ('key_prefix "protoactor" { policy = "write" }',),
            (
                'key_prefix "protoactor" { policy = "write" }',
                'service "shop" { policy = "write" }',
            ),
        ],
        ids=["nothing", "keys", "no-nodes"],
    )
    async def test_who_may_not_is_told_at_once(
        self, guarded: ConsulServer, rules: tuple[str, ...]
    ) -> None:
        await self.refused(guarded, new_token(guarded, *rules))

    @pytest.mark.parametrize("token", [None, "wrong"])
    async def test_without_a_token_that_consul_knows(
        self, guarded: ConsulServer, token: str | None
    ) -> None:
        provider = new_provider(guarded.endpoint, token=token, join_timeout=60.0)
        async with asyncio.timeout(10.0):
            with pytest.raises(ConsulRefused, match=guarded.endpoint):
                async with provider.join("shop", new_member()):
                    pytest.fail("joined")

    async def refused(self, guarded: ConsulServer, token: str) -> None:
        async with joined(new_provider(guarded.endpoint, token=MANAGEMENT)):
            provider = new_provider(guarded.endpoint, token=token, join_timeout=60.0)
            async with asyncio.timeout(10.0):
                with pytest.raises(ConsulRefused, match=guarded.endpoint):
                    async with provider.join("shop", new_member()):
                        pytest.fail("joined")
                async with looking_on(provider) as views:
                    with pytest.raises(ConsulRefused, match=guarded.endpoint):
                        await views.first()


def new_token(consul: ConsulServer, *rules: str) -> str:
    """The secret of a token that may do just this."""
    name = f"policy-{secrets.token_hex(4)}"
    policy = {"Name": name, "Rules": "\n".join(rules)}
    consul.ask("PUT", "acl/policy", policy, token=MANAGEMENT)
    body = {"Policies": [{"Name": name}]}
    secret: str = consul.ask("PUT", "acl/token", body, token=MANAGEMENT)["SecretID"]
    return secret


class TestTLS(TLSCases):
    @contextmanager
    def secured(
        self, files: Certificates, *, mutual: bool
    ) -> Generator[Secured, None, None]:
        certificate, key = files.server
        https = {
            "ca_file": str(files.ca),
            "cert_file": str(certificate),
            "key_file": str(key),
            "verify_incoming": mutual,
        }
        with run_consul(tls={"https": https}) as server:
            yield Secured(server.secure_endpoint, server.endpoint)

    def provider(
        self, endpoint: str, tls: ServiceTLS | None, join_timeout: float = 10.0
    ) -> ConsulProvider:
        tls = ConsulTLS(tls.ca, tls.certificate, tls.key) if tls else None
        return new_provider(endpoint, tls=tls, join_timeout=join_timeout)

    def provider_of(self, url: str) -> ConsulProvider:
        return ConsulProvider.from_url(f"consul://{url}&ttl=3")
