"""The ZooKeeper provider against real servers: what the contract leaves open."""

from __future__ import annotations

import asyncio
import importlib
import secrets
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from certificates import Certificates
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from members import SLACK, joined, looking_on, new_member
from service_cases import Service, ServiceCases
from tls_cases import Secured, TLSCases
from zookeeper_server import ZooKeeperServer, run_ensemble, run_zookeeper

from protoactor_cluster.provider import Member
from protoactor_cluster.spi import ServiceTLS
from protoactor_provider_zookeeper import (
    ZooKeeperProvider,
    ZooKeeperRefused,
    ZooKeeperTLS,
)
from protoactor_testkit.contracts.joined import eventually

TTL = 3.0
WITHIN = TTL + SLACK
GO_ID = "cluster-example@127.0.0.1:8080"
GO_VALUE = (
    f'{{"id":"{GO_ID}","name":"{GO_ID}","host":"127.0.0.1","address":"127.0.0.1",'
    '"port":8080,"kinds":["Ponger","prototopic"],"alive":true}'
).encode()
GO_MEMBER = Member(GO_ID, "127.0.0.1", 8080, frozenset({"Ponger", "prototopic"}))
GO_NODE = "_c_f4245284934bdaf384102b6fc233bd14-actor-"


def new_provider(*endpoints: str, **options: Any) -> ZooKeeperProvider:
    return ZooKeeperProvider(endpoints, session_timeout=TTL, **options)


@contextmanager
def connected(zookeeper: ZooKeeperServer, **options: Any) -> Generator[Any, None, None]:
    """A client of kazoo, which has no types."""
    kazoo = importlib.import_module("kazoo.client")
    client = kazoo.KazooClient(zookeeper.endpoint, **options)
    client.start(30.0)
    try:
        yield client
    finally:
        client.stop()
        client.close()


@pytest.fixture
def client(zookeeper: ZooKeeperServer) -> Generator[Any, None, None]:
    with connected(zookeeper) as client:
        yield client


@pytest.fixture
def cluster() -> str:
    """A name that no other test has."""
    return f"shop-{secrets.token_hex(4)}"


def records(client: Any, cluster: str) -> list[str]:
    """The paths of a cluster's members."""
    folder = f"/protoactor/{cluster}"
    return [f"{folder}/{name}" for name in sorted(client.get_children(folder))]


class TestRecords:
    async def test_the_record_is_protoactor_gos(
        self, zookeeper: ZooKeeperServer, client: Any, cluster: str
    ) -> None:
        async with joined(new_provider(zookeeper.endpoint), cluster, GO_MEMBER):
            (path,) = records(client, cluster)
            assert client.get(path)[0] == GO_VALUE
            assert path.rpartition("-")[2].isdigit()
        assert records(client, cluster) == []

    async def test_a_member_of_protoactor_go_is_seen(
        self, zookeeper: ZooKeeperServer, client: Any, cluster: str
    ) -> None:
        path = f"/protoactor/{cluster}/{GO_NODE}"
        async with looking_on(new_provider(zookeeper.endpoint), cluster) as views:
            await views.until()
            client.create(path, GO_VALUE, ephemeral=True, sequence=True, makepath=True)
            await views.until(GO_MEMBER)
            client.delete(records(client, cluster)[0])
            await views.until()

    async def test_a_prefix_of_ones_own(
        self, zookeeper: ZooKeeperServer, client: Any, cluster: str
    ) -> None:
        url = f"zookeeper://{zookeeper.endpoint}/apps/{cluster}?session_timeout={TTL}"
        provider = ZooKeeperProvider.from_url(url)
        other = new_provider(zookeeper.endpoint)
        async with joined(provider, "shop") as a, joined(other, "shop") as b:
            await a.views.until(a.member)
            await b.views.until(b.member)
            assert len(client.get_children(f"/apps/{cluster}/shop")) == 1


GARBAGE = {
    "no-json": b"garbage",
    "null": b"null",
    "types": b'{"id":7,"host":[],"port":"x"}',
    "binary": bytes(range(256)),
    "deep": b'{"x":' * 10_000,
    "empty": b"",
}


class TestGarbage:
    """Whatever lies under the prefix, members see each other."""

    async def test_is_skipped(
        self, zookeeper: ZooKeeperServer, client: Any, cluster: str
    ) -> None:
        async with joined(new_provider(zookeeper.endpoint), cluster) as a:
            await a.views.until(a.member)
            for name, value in GARBAGE.items():
                client.create(f"/protoactor/{cluster}/{name}", value)
            async with joined(new_provider(zookeeper.endpoint), cluster) as b:
                await a.views.until(a.member, b.member)
                await b.views.until(a.member, b.member)

    async def test_ten_megabytes(self, cluster: str) -> None:
        with (
            run_zookeeper("jute.maxbuffer=20000000") as zookeeper,
            connected(zookeeper) as client,
        ):
            async with joined(new_provider(zookeeper.endpoint), cluster) as a:
                await a.views.until(a.member)
                client.create(f"/protoactor/{cluster}/large", b"x" * 10_000_000)
                async with joined(new_provider(zookeeper.endpoint), cluster) as b:
                    await a.views.until(a.member, b.member)
                    await b.views.until(a.member, b.member)

    async def test_over_our_own_record_is_an_eviction(
        self, zookeeper: ZooKeeperServer, client: Any, cluster: str
    ) -> None:
        """The others see no member there, so it must know."""
        async with joined(new_provider(zookeeper.endpoint), cluster) as a:
            (path,) = records(client, cluster)
            async with joined(new_provider(zookeeper.endpoint), cluster) as b:
                await a.views.until(a.member, b.member)
                client.set(path, b"garbage")
                await a.views.until_lost()
            async with joined(new_provider(zookeeper.endpoint), cluster) as c:
                await c.views.until(c.member)


class TestEviction:
    async def test_a_deleted_node(
        self, zookeeper: ZooKeeperServer, client: Any, cluster: str
    ) -> None:
        async with joined(new_provider(zookeeper.endpoint), cluster) as a:
            (path,) = records(client, cluster)
            async with joined(new_provider(zookeeper.endpoint), cluster) as b:
                await b.views.until(a.member, b.member)
                client.delete(path)
                await a.views.until_lost()
                await b.views.until(b.member)

    async def test_a_deleted_node_that_nobody_watched(
        self, zookeeper: ZooKeeperServer, client: Any, cluster: str
    ) -> None:
        provider = new_provider(zookeeper.endpoint)
        async with provider.join(cluster, new_member()):
            client.delete(records(client, cluster)[0])
            membership = provider._membership(cluster)
            await eventually(
                lambda: membership.lost is not None, lambda: "not lost", WITHIN
            )
            async with looking_on(provider, cluster) as views:
                await views.until_lost()

    async def test_old_marks_are_swept_away(
        self, zookeeper: ZooKeeperServer, client: Any, cluster: str
    ) -> None:
        """A mark of today stays, and of none is more needed than its name."""
        async with joined(new_provider(zookeeper.endpoint), cluster) as a:
            async with joined(new_provider(zookeeper.endpoint), cluster) as b:
                await a.views.until(a.member, b.member)
            await a.views.until(a.member)
            marks = client.get_children(f"/protoactor/%evicted/{cluster}")
            assert marks == [b.member.id]
            async with joined(a.provider, cluster + "2", b.member) as again:
                await again.views.until(b.member)


async def gone(client: Any, cluster: str) -> None:
    """Wait until the sessions of all members have ended."""
    await eventually(
        lambda: not records(client, cluster),
        lambda: f"still {records(client, cluster)}",
        WITHIN,
    )


class TestService(ServiceCases):
    most_attempts = 32
    leaves_within = 3.0

    @pytest.fixture
    def service(self, zookeeper: ZooKeeperServer) -> ZooKeeperServer:
        return zookeeper

    def provider(self, endpoint: str) -> ZooKeeperProvider:
        return new_provider(endpoint)

    async def forget(self, service: Service, cluster: str, member: Member) -> None:
        assert isinstance(service, ZooKeeperServer)
        with connected(service) as client:
            await gone(client, cluster)

    async def mark(self, service: Service, cluster: str, member: Member) -> None:
        assert isinstance(service, ZooKeeperServer)
        with connected(service) as client:
            client.create(f"/protoactor/%evicted/{cluster}/{member.id}")


class TestServers:
    """Servers that die, hang, or lose their ensemble."""

    async def test_an_ensemble(self, cluster: str) -> None:
        """A member's server dies or hangs: no view changes; without a quorum, too."""
        with run_ensemble() as servers:
            first, second, third = servers
            everywhere = [server.endpoint for server in servers]
            async with (
                joined(new_provider(*everywhere), cluster) as a,
                joined(new_provider(*everywhere), cluster) as b,
            ):
                await a.views.until(a.member, b.member)
                await b.views.until(a.member, b.member)
                first.freeze()
                async with joined(
                    new_provider(second.endpoint, third.endpoint), cluster
                ) as c:
                    everyone = (a.member, b.member, c.member)
                    await a.views.until(*everyone, within=20.0)
                    await b.views.until(*everyone, within=20.0)
                    await asyncio.to_thread(second.kill)
                    await a.views.quiet(2 * TTL)
                    first.thaw()
                    async with joined(new_provider(*everywhere), cluster) as d:
                        await a.views.until(*everyone, d.member, within=20.0)
                        a.views.never_without(a.member, b.member)
                        b.views.never_without(a.member, b.member)


class TestAccess:
    """Users and certificates."""

    @pytest.fixture
    def prefix(self, zookeeper: ZooKeeperServer, cluster: str) -> str:
        """A node that only the user `shop` may use."""
        security = importlib.import_module("kazoo.security")
        acl = [security.make_digest_acl("shop", "p@ss", all=True)]
        with connected(zookeeper) as client:
            client.create(f"/guarded-{cluster}", acl=acl)
        return f"/guarded-{cluster}"

    async def test_user_and_password(
        self, zookeeper: ZooKeeperServer, prefix: str
    ) -> None:
        by_url = ZooKeeperProvider.from_url(
            f"zookeeper://shop:p%40ss@{zookeeper.endpoint}{prefix}?session_timeout=3"
        )
        by_name = new_provider(
            zookeeper.endpoint, user="shop", password="p@ss", prefix=prefix
        )
        async with joined(by_url) as a:
            async with joined(by_name) as b:
                await a.views.until(a.member, b.member)
            await a.views.until(a.member)
            errors = importlib.import_module("kazoo.exceptions")
            with connected(zookeeper) as stranger, pytest.raises(errors.NoAuthError):
                stranger.get_children(f"{prefix}/shop")

    @pytest.mark.parametrize(
        "credentials",
        [{"user": "shop", "password": "wrong"}, {"user": "x", "password": "p@ss"}, {}],
        ids=["password", "user", "none"],
    )
    async def test_who_may_not_is_told_at_once(
        self, zookeeper: ZooKeeperServer, prefix: str, credentials: dict[str, str]
    ) -> None:
        with connected(zookeeper, auth_data=[("digest", "shop:p@ss")]) as owner:
            security = importlib.import_module("kazoo.security")
            owner.create(f"{prefix}/shop", acl=security.CREATOR_ALL_ACL)
        provider = new_provider(
            zookeeper.endpoint, prefix=prefix, join_timeout=60.0, **credentials
        )
        async with asyncio.timeout(10.0):
            with pytest.raises(ZooKeeperRefused, match=zookeeper.endpoint):
                async with provider.join("shop", new_member()):
                    pytest.fail("joined")
            async with looking_on(provider) as views:
                with pytest.raises(ZooKeeperRefused, match=zookeeper.endpoint):
                    await views.first()


def as_pkcs8(key: Path) -> bytes:
    """The only way that Java reads one."""
    return load_pem_private_key(key.read_bytes(), None).private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    )


class TestTLS(TLSCases):
    @contextmanager
    def secured(
        self, files: Certificates, *, mutual: bool
    ) -> Generator[Secured, None, None]:
        both = files.ca.parent / "server-and-key.pem"
        both.write_bytes(as_pkcs8(files.server[1]) + files.server[0].read_bytes())
        with run_zookeeper(
            "zookeeper.serverCnxnFactory=org.apache.zookeeper.server.NettyServerCnxnFactory",
            secureClientPort=0,
            ssl__keyStore__location=both,
            ssl__trustStore__location=files.ca,
            ssl__clientAuth="need" if mutual else "none",
        ) as server:
            yield Secured(server.secure_endpoint, server.endpoint)

    def provider(
        self, endpoint: str, tls: ServiceTLS | None, join_timeout: float = 10.0
    ) -> ZooKeeperProvider:
        tls = ZooKeeperTLS(tls.ca, tls.certificate, tls.key) if tls else None
        return new_provider(endpoint, tls=tls, join_timeout=join_timeout)

    def provider_of(self, url: str) -> ZooKeeperProvider:
        return ZooKeeperProvider.from_url(f"zookeeper://{url}")
