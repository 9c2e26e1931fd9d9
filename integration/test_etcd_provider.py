"""The etcd provider against real etcds: what the contract of all providers leaves open."""

from __future__ import annotations

import asyncio
import importlib
import json
import secrets
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import pytest
from certificates import Certificates
from etcd_server import EtcdCluster, EtcdServer, run_server
from members import SLACK, joined, looking_on, new_member
from service_cases import Service, ServiceCases
from tcp_link import TcpLink
from tls_cases import Secured, TLSCases

from protoactor_cluster.provider import Member
from protoactor_cluster.spi import ServiceTLS
from protoactor_provider_etcd import EtcdProvider, EtcdRefused, EtcdTLS
from protoactor_provider_etcd._client import Etcd
from protoactor_provider_etcd._fault import Compacted
from protoactor_testkit.contracts import ViewLog
from protoactor_testkit.contracts.joined import eventually

TTL = 3.0
WITHIN = TTL + SLACK
GO_ID = "cluster-example@NeyzJ6ZJ3DV7GNMFYz7R8H"
GO_KEY = f"/protoactor/cluster-example/{GO_ID}"
GO_VALUE = (
    f'{{"id":"{GO_ID}","name":"{GO_ID}","host":"127.0.0.1","address":"127.0.0.1",'
    '"port":8080,"kinds":["Ponger","prototopic"],"alive":true}'
)
GO_MEMBER = Member(GO_ID, "127.0.0.1", 8080, frozenset({"Ponger", "prototopic"}))


def new_provider(*endpoints: str, **options: Any) -> EtcdProvider:
    return EtcdProvider(endpoints, lease_ttl=TTL, **options)


@pytest.fixture
def cluster() -> str:
    """A name that no other test on the shared etcd has."""
    return f"shop-{secrets.token_hex(4)}"


class TestRecords:
    async def test_the_record_is_protoactor_gos(self, etcd: EtcdServer) -> None:
        async with joined(new_provider(etcd.endpoint), "cluster-example", GO_MEMBER):
            assert etcd.list_keys() == [GO_KEY]
            assert etcd.ctl("get", GO_KEY, "--print-value-only") == GO_VALUE + "\n"

    async def test_a_member_of_protoactor_go_is_seen(self, etcd: EtcdServer) -> None:
        etcd.ctl("put", GO_KEY, GO_VALUE)
        async with looking_on(new_provider(etcd.endpoint), "cluster-example") as views:
            await views.until(GO_MEMBER)
            etcd.ctl("del", GO_KEY)
            await views.until()

    async def test_leaving_deletes_the_key_and_revokes_the_lease(
        self, etcd: EtcdServer
    ) -> None:
        async with joined(new_provider(etcd.endpoint)):
            assert len(etcd.list_leases()) == 1
        assert etcd.list_keys() == []
        assert etcd.list_leases() == []

    async def test_a_prefix_of_ones_own(self, shared_etcd: EtcdServer) -> None:
        one = new_provider(shared_etcd.endpoint, prefix="/one/")
        other = new_provider(shared_etcd.endpoint, prefix="/other")
        async with joined(one) as a, joined(other) as b:
            await a.views.until(a.member)
            await b.views.until(b.member)
            assert f"/one/shop/{a.member.id}" in shared_etcd.list_keys("/one/")


GARBAGE = {
    "no-json": b"garbage",
    "list": b"[]",
    "null": b"null",
    "types": b'{"id":7,"host":[],"port":"x"}',
    "other-id": GO_VALUE.encode(),
    "binary": bytes(range(256)),
    "nested/key": GO_VALUE.encode(),
    "deep": b'{"x":' * 10_000,
    "empty": b"",
}


class TestGarbage:
    """Whatever lies under the prefix, members see each other."""

    @pytest.mark.parametrize("name", GARBAGE)
    async def test_is_skipped(
        self, shared_etcd: EtcdServer, cluster: str, name: str
    ) -> None:
        key = f"/protoactor/{cluster}/{name}"
        async with joined(new_provider(shared_etcd.endpoint), cluster) as a:
            await a.views.until(a.member)
            put(shared_etcd, key, GARBAGE[name])
            async with joined(new_provider(shared_etcd.endpoint), cluster) as b:
                await a.views.until(a.member, b.member)
                await b.views.until(a.member, b.member)

    async def test_larger_than_a_message_of_grpc(self) -> None:
        with run_server(flags=["--max-request-bytes=16777216"]) as etcd:
            async with joined(new_provider(etcd.endpoint)) as a:
                await a.views.until(a.member)
                async with joined(new_provider(etcd.endpoint)) as b:
                    await a.views.until(a.member, b.member)
                    put(etcd, "/protoactor/shop/large", b"x" * 10_000_000)
                await a.views.until(a.member, within=TTL - 0.5)  # it is no outage
                async with joined(new_provider(etcd.endpoint)) as b:
                    await a.views.until(a.member, b.member)
                    await b.views.until(a.member, b.member)

    async def test_larger_than_a_message_of_grpc_together(self) -> None:
        with run_server() as etcd:
            async with joined(new_provider(etcd.endpoint)) as a:
                for number in range(5):
                    put(etcd, f"/protoactor/shop/large-{number}", b"x" * 1_000_000)
                async with joined(new_provider(etcd.endpoint)) as b:
                    await a.views.until(a.member, b.member)
                    await b.views.until(a.member, b.member)

    async def test_over_our_own_record_is_an_eviction(self, etcd: EtcdServer) -> None:
        """The others see no member there, so it must know."""
        async with (
            joined(new_provider(etcd.endpoint)) as a,
            joined(new_provider(etcd.endpoint)) as b,
        ):
            await a.views.until(a.member, b.member)
            etcd.ctl("put", f"/protoactor/shop/{b.member.id}", "garbage")
            await a.views.until(a.member)
            await b.views.until_lost()

    async def test_over_the_record_of_a_dead_member_does_not_keep_it(
        self, etcd: EtcdServer
    ) -> None:
        etcd.ctl("put", GO_KEY, GO_VALUE)
        async with joined(new_provider(etcd.endpoint), "cluster-example") as a:
            await a.views.until(a.member, GO_MEMBER)
            etcd.ctl("put", GO_KEY, "garbage")
            await a.views.until(a.member)


def put(etcd: EtcdServer, key: str, value: bytes) -> None:
    """By python-etcd3, which other code of the process may use as well."""
    with importlib.import_module("etcd3").client(port=etcd.port) as client:
        client.put(key, value)


class TestEviction:
    async def test_a_deleted_key(self, etcd: EtcdServer) -> None:
        async with (
            joined(new_provider(etcd.endpoint)) as a,
            joined(new_provider(etcd.endpoint)) as b,
        ):
            await a.views.until(a.member, b.member)
            etcd.ctl("del", f"/protoactor/shop/{b.member.id}")
            await a.views.until(a.member)
            await b.views.until_lost()
        assert etcd.list_keys("/protoactor/shop/") == []

    async def test_a_revoked_lease(self, etcd: EtcdServer) -> None:
        async with joined(new_provider(etcd.endpoint)) as a:
            await a.views.until(a.member)
            revoke(etcd, a.member)
            await a.views.until_lost()

    async def test_a_new_watch_hears_of_it_too(self, etcd: EtcdServer) -> None:
        async with joined(new_provider(etcd.endpoint)) as a:
            await a.views.until(a.member)
            etcd.ctl("del", f"/protoactor/shop/{a.member.id}")
            await a.views.until_lost()
            async with looking_on(a.provider) as again:
                await again.until_lost()

    async def test_before_the_watch_began(self, etcd: EtcdServer) -> None:
        provider, member = new_provider(etcd.endpoint), new_member()
        async with provider.join("shop", member):
            etcd.ctl("del", f"/protoactor/shop/{member.id}")
            async with looking_on(provider) as views:
                await views.until_lost()

    async def test_a_revoked_lease_that_nobody_watched(self, etcd: EtcdServer) -> None:
        provider, member = new_provider(etcd.endpoint), new_member()
        async with provider.join("shop", member):
            revoke(etcd, member)
            registration = provider._membership("shop").registration
            await eventually(
                lambda: provider._membership("shop").lost is not None,
                lambda: f"still {registration}",
                WITHIN,
            )
            async with looking_on(provider) as views:
                await views.until_lost()
            assert etcd.list_keys() == []

    async def test_who_returns_is_in_its_views_before_etcd_knows_it(
        self, etcd: EtcdServer
    ) -> None:
        with TcpLink(("127.0.0.1", etcd.port)) as link:
            provider, member = new_provider(link.endpoint), new_member()
            async with provider.join("shop", member):
                link.refuse(True)
                refused = link.accepted
                revoke(etcd, member)
                tried = lambda: link.accepted >= refused + 2  # noqa: E731
                await eventually(tried, lambda: "no attempts", WITHIN)
                link.refuse(False)
                async with ViewLog(provider, "shop", me=member) as views:
                    await views.until(member)

    async def test_who_was_dropped_and_joined_again_is_not_marked(
        self, etcd: EtcdServer
    ) -> None:
        member = new_member()
        with TcpLink(("127.0.0.1", etcd.port)) as link:
            async with joined(new_provider(link.endpoint)) as a:
                async with joined(new_provider(link.endpoint), member=member):
                    await a.views.until(a.member, member)
                await a.views.until(a.member)
                async with joined(new_provider(link.endpoint), member=member) as b:
                    await a.views.until(a.member, member)
                    await b.views.until(a.member, member)
                    link.refuse(True)
                    revoke(etcd, a.member)
                    revoke(etcd, member)
                    link.refuse(False)
                    await b.views.quiet(2 * TTL)
                    await a.views.quiet(0.0)

    async def test_members_are_dropped_after_the_store_was_wiped(
        self, etcd: EtcdServer
    ) -> None:
        """The lease of the marks was wiped away with everything else."""
        async with joined(new_provider(etcd.endpoint)) as a:
            async with joined(new_provider(etcd.endpoint)) as b:
                async with joined(new_provider(etcd.endpoint)) as c:
                    await a.views.until(a.member, b.member, c.member)
                await a.views.until(a.member, b.member)
                await asyncio.to_thread(etcd.kill)
                etcd.wipe()
                await asyncio.to_thread(etcd.start)
                await a.views.quiet(2 * TTL)
            await a.views.until(a.member)

    async def test_a_watch_that_ended_in_an_outage_holds_nothing_back(
        self, etcd: EtcdServer
    ) -> None:
        with TcpLink(("127.0.0.1", etcd.port)) as link:
            async with joined(new_provider(link.endpoint)) as a:
                async with looking_on(a.provider) as views:
                    await views.until(a.member)
                    tried = link.accepted
                    link.refuse(True)
                    await eventually(
                        lambda: link.accepted >= tried + 2,
                        lambda: "no attempts",
                        WITHIN,
                    )
                link.refuse(False)
                async with joined(new_provider(etcd.endpoint)) as b:
                    await a.views.until(a.member, b.member)
                await a.views.until(a.member, within=TTL + WITHIN)

    async def test_a_mark_ends_by_itself(self, etcd: EtcdServer) -> None:
        async with joined(new_provider(etcd.endpoint)) as a:
            async with joined(new_provider(etcd.endpoint)) as b:
                await a.views.until(a.member, b.member)
            await a.views.until(a.member)
            mark = f"/protoactor/%evicted/shop/{b.member.id}"
            assert mark in etcd.list_keys()
            found = etcd.ctl("lease", "timetolive", lease_of(etcd, mark))
            assert "granted with TTL(86400s)" in found


def lease_of(etcd: EtcdServer, key: str) -> str:
    found = json.loads(etcd.ctl("get", key, "-w", "json"))
    return f"{found['kvs'][0]['lease']:x}"


def revoke(etcd: EtcdServer, member: Member, cluster: str = "shop") -> None:
    """End a member's lease, as if it had not been renewed in time."""
    key = f"/protoactor/{cluster}/{member.id}"
    etcd.ctl("lease", "revoke", lease_of(etcd, key))


class TestService(ServiceCases):
    @pytest.fixture
    def service(self, etcd: EtcdServer) -> EtcdServer:
        return etcd

    def provider(self, endpoint: str) -> EtcdProvider:
        return new_provider(endpoint)

    async def forget(self, service: Service, cluster: str, member: Member) -> None:
        assert isinstance(service, EtcdServer)
        revoke(service, member, cluster)

    async def mark(self, service: Service, cluster: str, member: Member) -> None:
        assert isinstance(service, EtcdServer)
        service.ctl("put", f"/protoactor/%evicted/{cluster}/{member.id}", "")


class TestServers:
    """Endpoints that die, hang, or lose their cluster."""

    async def test_the_next_endpoint_takes_over(
        self, etcd_cluster: EtcdCluster
    ) -> None:
        first, *others = etcd_cluster.nodes
        provider = new_provider(*etcd_cluster.endpoints)
        async with joined(provider) as a, joined(new_provider(others[0].endpoint)) as b:
            await a.views.until(a.member, b.member)
            await asyncio.to_thread(first.kill)
            async with joined(new_provider(others[1].endpoint)) as c:
                await a.views.until(a.member, b.member, c.member)
                await b.views.until(a.member, b.member, c.member)
                await b.views.quiet(2 * TTL)

    async def test_an_endpoint_that_hangs(self, etcd_cluster: EtcdCluster) -> None:
        first, *others = etcd_cluster.nodes
        provider = new_provider(*etcd_cluster.endpoints)
        async with joined(provider) as a, joined(new_provider(others[0].endpoint)) as b:
            await a.views.until(a.member, b.member)
            first.freeze()
            async with joined(new_provider(others[1].endpoint)) as c:
                await a.views.until(a.member, b.member, c.member)
                await b.views.until(a.member, b.member, c.member)
                await b.views.quiet(2 * TTL)
            first.thaw()

    async def test_a_lost_quorum_is_an_outage(self, etcd_cluster: EtcdCluster) -> None:
        first, *others = etcd_cluster.nodes
        provider = new_provider(*etcd_cluster.endpoints)
        async with joined(provider) as a, joined(new_provider(first.endpoint)) as b:
            await a.views.until(a.member, b.member)
            for node in others:
                node.freeze()
            await a.views.quiet(2 * TTL)
            for node in others:
                node.thaw()
            async with joined(new_provider(*etcd_cluster.endpoints)) as c:
                await a.views.until(a.member, b.member, c.member, within=20.0)
                a.views.never_without(a.member, b.member)

    async def test_a_compacted_history_is_listed_anew(self, etcd: EtcdServer) -> None:
        with TcpLink(("127.0.0.1", etcd.port)) as link:
            async with joined(new_provider(link.endpoint)) as a:
                await a.views.until(a.member)
                link.hold()
                async with joined(new_provider(etcd.endpoint)) as b:
                    for number in range(10):
                        etcd.ctl("put", "/elsewhere", str(number))
                    found = json.loads(etcd.ctl("get", "/elsewhere", "-w", "json"))
                    etcd.ctl("compact", str(found["header"]["revision"]))
                    link.release()
                    await a.views.until(a.member, b.member)

    async def test_changes_that_are_compacted_away(self, etcd: EtcdServer) -> None:
        for number in range(10):
            etcd.ctl("put", "/shop/a", str(number))
        etcd.ctl("compact", "8")
        settings = new_provider(etcd.endpoint)._settings
        connection = Etcd(("127.0.0.1", etcd.port), settings)
        with pytest.raises(Compacted):
            await asyncio.to_thread(list, connection.changes("/shop/", 2))
        connection.close()


class TestAccess:
    """Users, roles, certificates."""

    @pytest.fixture
    def guarded(self, etcd: EtcdServer) -> EtcdServer:
        """An etcd where `shop` may use the prefix and `guest` may not."""
        for user in ("root:top", "shop:p@ss", "guest:x"):
            etcd.ctl("user", "add", user)
        etcd.ctl("user", "grant-role", "root", "root")
        etcd.ctl("role", "add", "members")
        etcd.ctl(
            "role",
            "grant-permission",
            "members",
            "--prefix=true",
            "readwrite",
            "/protoactor/",
        )
        etcd.ctl("user", "grant-role", "shop", "members")
        etcd.ctl("auth", "enable")
        etcd.ctl_flags = ["--user=root:top"]
        return etcd

    async def test_user_and_password(self, guarded: EtcdServer) -> None:
        by_url = EtcdProvider.from_url(
            f"etcd://shop:p%40ss@{guarded.endpoint}?lease_ttl=3"
        )
        by_name = new_provider(guarded.endpoint, user="shop", password="p@ss")
        async with joined(by_url) as a:
            async with joined(by_name) as b:
                await a.views.until(a.member, b.member)
            await a.views.until(a.member)

    async def test_a_token_that_etcd_forgot(self, guarded: EtcdServer) -> None:
        provider = new_provider(guarded.endpoint, user="shop", password="p@ss")
        async with joined(provider) as a:
            await a.views.until(a.member)
            await asyncio.to_thread(guarded.kill)
            await asyncio.to_thread(guarded.start)
            other = new_provider(guarded.endpoint, user="shop", password="p@ss")
            async with joined(other) as b:
                await a.views.until(a.member, b.member)
                await a.views.quiet(2 * TTL)

    async def test_tokens_that_a_new_password_made_invalid(
        self, guarded: EtcdServer
    ) -> None:
        """No outage: nothing is held back."""
        options = {"user": "shop", "password": "p@ss"}
        async with joined(new_provider(guarded.endpoint, **options)) as a:
            async with joined(new_provider(guarded.endpoint, **options)) as b:
                await a.views.until(a.member, b.member)
                same = ["user", "passwd", "shop", "--interactive=false"]
                guarded.ctl(*same, stdin=b"p@ss\n")
                await a.views.quiet(TTL / 2)
            await a.views.until(a.member, within=TTL / 3)

    @pytest.mark.parametrize(
        "credentials",
        [
            {"user": "shop", "password": "wrong"},
            {"user": "nobody", "password": "x"},
            {"user": "guest", "password": "x"},
            {},
        ],
        ids=["password", "user", "role", "none"],
    )
    async def test_who_may_not_is_told_at_once(
        self, guarded: EtcdServer, credentials: dict[str, str]
    ) -> None:
        provider = new_provider(guarded.endpoint, join_timeout=60.0, **credentials)
        async with asyncio.timeout(10.0):
            with pytest.raises(EtcdRefused, match=guarded.endpoint):
                async with provider.join("shop", new_member()):
                    pytest.fail("joined")
            async with looking_on(provider) as views:
                with pytest.raises(EtcdRefused, match=guarded.endpoint):
                    await views.first()

    async def test_a_user_where_etcd_has_none(self, shared_etcd: EtcdServer) -> None:
        provider = new_provider(shared_etcd.endpoint, user="shop", password="x")
        with pytest.raises(EtcdRefused, match="not enabled"):
            async with provider.join("shop", new_member()):
                pytest.fail("joined")


@contextmanager
def run_secure(
    files: Certificates, *, mutual: bool
) -> Generator[EtcdServer, None, None]:
    """An etcd that speaks TLS, and wants to see a client's certificate if `mutual`."""
    (certificate, key), (client, client_key) = files.server, files.client
    flags = [f"--cert-file={certificate}", f"--key-file={key}"]
    if mutual:
        flags += ["--client-cert-auth", f"--trusted-ca-file={files.ca}"]
    ctl = [f"--cacert={files.ca}", f"--cert={client}", f"--key={client_key}"]
    with run_server(flags=flags, scheme="https", ctl_flags=ctl) as server:
        yield server


class TestTLS(TLSCases):
    @contextmanager
    def secured(
        self, files: Certificates, *, mutual: bool
    ) -> Generator[Secured, None, None]:
        with run_secure(files, mutual=mutual) as etcd, run_server() as plain:
            yield Secured(etcd.endpoint, plain.endpoint)

    def provider(
        self, endpoint: str, tls: ServiceTLS | None, join_timeout: float = 10.0
    ) -> EtcdProvider:
        tls = EtcdTLS(tls.ca, tls.certificate, tls.key) if tls else None
        return new_provider(endpoint, tls=tls, join_timeout=join_timeout)

    def provider_of(self, url: str) -> EtcdProvider:
        return EtcdProvider.from_url(f"etcd://{url}")

    async def test_user_and_password_over_tls(self, files: Certificates) -> None:
        with run_secure(files, mutual=False) as etcd:
            etcd.ctl("user", "add", "root:top")
            etcd.ctl("user", "grant-role", "root", "root")
            etcd.ctl("auth", "enable")
            tls = EtcdTLS(files.ca)
            provider = new_provider(etcd.endpoint, tls=tls, user="root", password="top")
            async with joined(provider) as a:
                await a.views.until(a.member)
