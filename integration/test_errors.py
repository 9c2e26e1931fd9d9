"""What goes wrong at the edges says what it is and what to do, and leaves nothing."""

from __future__ import annotations

import socket

import pytest
from programs import free_ports

from protoactor import NotDelivered
from protoactor_cluster import Grain, GrainError, KindNotFound, connect, join
from protoactor_provider_automanaged import AutomanagedProvider


class Shop(Grain):
    async def open(self) -> bool:
        return True

    async def burn(self) -> None:
        raise ValueError("it burns")


class Elsewhere(Grain):
    async def visit(self) -> None: ...


def providers() -> tuple[AutomanagedProvider, AutomanagedProvider]:
    """For a member and for a client of it."""
    (port,) = free_ports(1)
    hosts = [f"127.0.0.1:{port}"]
    member = AutomanagedProvider(hosts=hosts, port=port)
    return member, AutomanagedProvider(hosts=hosts)


async def test_a_port_in_use() -> None:
    member, _ = providers()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(OSError, match=str(port)):
            async with join("shop", provider=member, kinds=[Shop], port=port):
                pass


async def test_nobody_answers() -> None:
    _, client = providers()
    async with connect("shop", provider=client) as cluster:
        with pytest.raises(NotDelivered, match=r"no member .*'shop'.* is one running"):
            await cluster.grain(Shop, "a", timeout=1.0).open()


async def test_a_wrong_cluster_name() -> None:
    member, client = providers()
    async with (
        join("shop", provider=member, kinds=[Shop]),
        connect("shoe", provider=client) as cluster,
    ):
        with pytest.raises(NotDelivered, match=r"no member .*'shoe'.* the name right"):
            await cluster.grain(Shop, "a", timeout=2.0).open()


async def test_an_unknown_kind() -> None:
    member, client = providers()
    async with (
        join("shop", provider=member, kinds=[Shop]),
        connect("shop", provider=client) as cluster,
    ):
        with pytest.raises(KindNotFound, match=r"hosts kind 'Elsewhere'.*`kinds=`"):
            await cluster.grain(Elsewhere, "a").visit()


async def test_a_method_that_raises() -> None:
    member, client = providers()
    async with (
        join("shop", provider=member, kinds=[Shop]),
        connect("shop", provider=client) as cluster,
    ):
        shop = cluster.grain(Shop, "a")
        with pytest.raises(GrainError, match="ValueError: it burns"):
            await shop.burn()
        assert await shop.open()
