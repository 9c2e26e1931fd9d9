"""An etcd that cannot be used: one clear error, soon, and nothing left behind."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Awaitable, Callable, Generator
from contextlib import aclosing, contextmanager, suppress

import pytest

from protoactor_cluster.errors import JoinTimeout
from protoactor_cluster.provider import Member
from protoactor_provider_etcd import EtcdProvider

MEMBER = Member("a", "127.0.0.1", 8080)
JOIN_TIMEOUT = 1.0
BOUND = 5.0


@contextmanager
def port_of(*, listening: bool) -> Generator[int, None, None]:
    """A port where nobody listens, or where connections are never accepted."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        if listening:
            taken.listen()
        yield int(taken.getsockname()[1])


class Hangs:
    """Hangs up on everybody, and counts them."""

    def __init__(self) -> None:
        self.calls = 0

    async def accept(
        self, _: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.calls += 1
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()


def provider(port: int) -> EtcdProvider:
    return EtcdProvider(f"127.0.0.1:{port}", lease_ttl=3, join_timeout=JOIN_TIMEOUT)


async def fail_to_join(port: int) -> JoinTimeout:
    async with asyncio.timeout(BOUND):
        with pytest.raises(JoinTimeout) as caught:
            async with provider(port).join("shop", MEMBER):
                pytest.fail("joined")
    return caught.value


async def fail_to_watch(port: int) -> JoinTimeout:
    async with asyncio.timeout(BOUND):
        with pytest.raises(JoinTimeout) as caught:
            async with aclosing(provider(port).watch("shop")) as views:
                await anext(views)
    return caught.value


@pytest.mark.parametrize("fail", [fail_to_join, fail_to_watch])
async def test_nobody_listens(fail: Callable[[int], Awaitable[JoinTimeout]]) -> None:
    with port_of(listening=False) as port:
        error = await fail(port)
    assert f"127.0.0.1:{port}" in str(error)
    assert "refused" in str(error)


async def test_the_server_never_answers() -> None:
    with port_of(listening=True) as port:
        assert f"127.0.0.1:{port}" in str(await fail_to_join(port))
        assert f"127.0.0.1:{port}" in str(await fail_to_watch(port))


async def test_a_failed_join_leaves_no_thread() -> None:
    before = threading.active_count()
    with port_of(listening=False) as port:
        await fail_to_join(port)
        await fail_to_watch(port)
    assert threading.active_count() == before


async def test_after_a_failed_join_the_provider_can_join_again() -> None:
    with port_of(listening=False) as port:
        same = provider(port)
        for _ in range(2):
            with pytest.raises(JoinTimeout):
                async with same.join("shop", MEMBER):
                    pytest.fail("joined")


async def test_a_cancelled_join_leaves_no_thread() -> None:
    before = threading.active_count()
    with port_of(listening=True) as port:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2), provider(port).join("shop", MEMBER):
                pytest.fail("joined")
        assert threading.active_count() == before


async def test_attempts_are_less_than_two_a_second() -> None:
    hangs = Hangs()
    async with await asyncio.start_server(hangs.accept, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        patient = EtcdProvider(f"127.0.0.1:{port}", lease_ttl=3, join_timeout=5.0)
        with pytest.raises(JoinTimeout):
            async with patient.join("shop", MEMBER):
                pytest.fail("joined")
    assert 3 <= hangs.calls <= 10


async def test_every_endpoint_is_tried() -> None:
    hangs = Hangs(), Hangs()
    servers = [await asyncio.start_server(h.accept, "127.0.0.1", 0) for h in hangs]
    ports = [server.sockets[0].getsockname()[1] for server in servers]
    endpoints = [f"127.0.0.1:{port}" for port in ports]
    with pytest.raises(JoinTimeout) as caught:
        async with EtcdProvider(endpoints, join_timeout=1.0).join("shop", MEMBER):
            pytest.fail("joined")
    for server in servers:
        server.close()
        await server.wait_closed()
    assert all(h.calls for h in hangs)
    assert all(endpoint in str(caught.value) for endpoint in endpoints)


@pytest.mark.parametrize("cluster", [""])
async def test_a_cluster_needs_a_name(cluster: str) -> None:
    with pytest.raises(ValueError, match="name"):
        EtcdProvider().join(cluster, MEMBER)
    with pytest.raises(ValueError, match="name"):
        await anext(EtcdProvider().watch(cluster))


async def test_a_member_that_cannot_be_stored() -> None:
    with pytest.raises(ValueError, match="id"):
        EtcdProvider().join("shop", Member("a/b", "h", 1))
