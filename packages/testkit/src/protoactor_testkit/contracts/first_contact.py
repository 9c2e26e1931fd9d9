"""Contract: a service that cannot be used in the first place."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Sequence
from contextlib import (
    aclosing,
)

import pytest

from protoactor_cluster.errors import JoinTimeout
from protoactor_cluster.provider import ClusterProvider, Member
from protoactor_testkit.contracts.powers import Contract, needs
from protoactor_testkit.contracts.wrong_servers import (
    HangsUp,
    Other,
    port_of,
    run_servers,
)

__all__ = ["Connect", "FirstContactContract"]

Connect = Callable[[Sequence[int], float], ClusterProvider]
"""Makes a provider for a service on loopback ports, with a `join_timeout`."""

MEMBER = Member("a", "127.0.0.1", 8080)
PATIENCE = 15.0


class FirstContactContract(Contract):
    """One clear error, soon, and nothing is left behind.

    Subclass it and supply the fixture `connect`. Needs pytest-asyncio, and no service.
    """

    pytestmark = pytest.mark.asyncio

    has_endpoints = True
    """The service may have several addresses."""

    @pytest.fixture
    def connect(self) -> Connect:
        raise NotImplementedError("supply a fixture `connect` that makes a provider")

    @pytest.mark.parametrize("way", ["join", "watch"])
    async def test_nobody_listens(self, connect: Connect, way: str) -> None:
        with port_of(listening=False) as port:
            error = await WAYS[way](connect([port], 1.0))
        assert f"127.0.0.1:{port}" in str(error)
        assert "refused" in str(error)

    @pytest.mark.parametrize("way", ["join", "watch"])
    async def test_the_server_never_answers(self, connect: Connect, way: str) -> None:
        with port_of(listening=True) as port:
            assert f"127.0.0.1:{port}" in str(await WAYS[way](connect([port], 1.0)))

    @pytest.mark.parametrize("way", ["join", "watch"])
    async def test_the_server_speaks_another_language(
        self, connect: Connect, way: str
    ) -> None:
        async with asyncio.timeout(PATIENCE), run_servers(Other()) as [port]:
            assert f"127.0.0.1:{port}" in str(await WAYS[way](connect([port], 1.0)))

    async def test_a_failed_join_leaves_no_thread(self, connect: Connect) -> None:
        before = set(threading.enumerate())
        with port_of(listening=False) as port:
            for fail in WAYS.values():
                await fail(connect([port], 1.0))
        assert set(threading.enumerate()) <= before

    async def test_after_a_failed_join_the_provider_can_join_again(
        self, connect: Connect
    ) -> None:
        with port_of(listening=False) as port:
            same = connect([port], 1.0)
            for _ in range(2):
                await _fail_to_join(same)

    async def test_a_cancelled_join_leaves_no_thread(self, connect: Connect) -> None:
        before = set(threading.enumerate())
        with port_of(listening=True) as port:
            with pytest.raises(TimeoutError):
                async with (
                    asyncio.timeout(0.2),
                    connect([port], 60.0).join("shop", MEMBER),
                ):
                    pytest.fail("joined")
            assert set(threading.enumerate()) <= before

    async def test_attempts_are_few(self, connect: Connect) -> None:
        """Less than two a second; a library may double each."""
        hangs = HangsUp()
        async with run_servers(hangs) as ports:
            await _fail_to_join(connect(ports, 5.0))
        assert 3 <= hangs.calls <= 20

    @needs("has_endpoints")
    async def test_every_endpoint_is_tried(self, connect: Connect) -> None:
        hangs = HangsUp(), HangsUp()
        async with run_servers(*hangs) as ports:
            error = await _fail_to_join(connect(ports, 1.0))
        assert all(hang.calls for hang in hangs)
        assert all(f"127.0.0.1:{port}" in str(error) for port in ports)

    async def test_a_cluster_needs_a_name(self, connect: Connect) -> None:
        with pytest.raises(ValueError, match="name"):
            connect([1], 1.0).join("", MEMBER)
        with pytest.raises(ValueError, match="name"):
            await anext(connect([1], 1.0).watch(""))


async def _fail_to_join(provider: ClusterProvider) -> JoinTimeout:
    async with asyncio.timeout(PATIENCE):
        with pytest.raises(JoinTimeout) as caught:
            async with provider.join("shop", MEMBER):
                pytest.fail("joined")
    return caught.value


async def _fail_to_watch(provider: ClusterProvider) -> JoinTimeout:
    async with asyncio.timeout(PATIENCE):
        with pytest.raises(JoinTimeout) as caught:
            async with aclosing(provider.watch("shop")) as views:
                await anext(views)
    return caught.value


WAYS: dict[str, Callable[[ClusterProvider], Awaitable[JoinTimeout]]] = {
    "join": _fail_to_join,
    "watch": _fail_to_watch,
}
