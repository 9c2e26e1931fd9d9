"""Unary services of other packages on the port of a node."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from protoactor import ActorSystem, HandlerFailed, NotDelivered, RequestTimeout
from protoactor_remote import (
    CallRefused,
    ConnectionLost,
    NotOffered,
    PeerUnreachable,
    Remote,
    RemoteOptions,
)
from protoactor_remote.memory import Network


async def shout(method: str, request: bytes) -> bytes:
    if method != "Shout":
        raise ValueError("there is no such method")
    return request.upper()


@asynccontextmanager
async def two_nodes(transport: str) -> AsyncGenerator[tuple[Remote, Remote], None]:
    network = Network()
    async with ActorSystem() as first, ActorSystem() as second:
        options: list[dict[str, Any]] = [
            {} if transport == "grpc" else {"transport": network.transport()}
            for _ in range(2)
        ]
        async with (
            Remote(first, **options[0]) as one,
            Remote(second, **options[1]) as two,
        ):
            yield one, two


both = pytest.mark.parametrize("transport", ["grpc", "memory"])


@both
async def test_a_service_is_answered_while_it_is_offered(transport: str) -> None:
    async with two_nodes(transport) as (one, two):
        with one.offering("shop.Voice", shout):
            assert await two.call(one.address, "shop.Voice/Shout", b"hey") == b"HEY"
        with pytest.raises(NotOffered, match="does not offer"):
            await two.call(one.address, "shop.Voice/Shout", b"hey")


@both
async def test_what_nobody_offers_is_refused(transport: str) -> None:
    async with two_nodes(transport) as (one, two):
        with pytest.raises(NotOffered) as caught:
            await two.call(one.address, "shop.Voice/Shout", b"")
        assert (caught.value.address, caught.value.service) == (
            one.address,
            "shop.Voice",
        )


@both
async def test_a_request_that_is_refused_did_not_run(transport: str) -> None:
    async with two_nodes(transport) as (one, two):
        with (
            one.offering("shop.Voice", shout),
            pytest.raises(CallRefused, match="no such method") as caught,
        ):
            await two.call(one.address, "shop.Voice/Whisper", b"")
        assert isinstance(caught.value, NotDelivered)
        assert caught.value.address == one.address
        assert caught.value.method == "shop.Voice/Whisper"


@both
async def test_a_service_that_fails_says_how(transport: str) -> None:
    async def stumble(method: str, request: bytes) -> bytes:
        raise KeyError("voice")

    async with two_nodes(transport) as (one, two):
        with (
            one.offering("shop.Voice", stumble),
            pytest.raises(HandlerFailed, match="KeyError: 'voice'"),
        ):
            await two.call(one.address, "shop.Voice/Shout", b"")


@both
async def test_without_an_answer_in_time_it_may_have_run(transport: str) -> None:
    asked = asyncio.Event()

    async def ponder(method: str, request: bytes) -> bytes:
        asked.set()
        return await asyncio.Future[bytes]()

    async with two_nodes(transport) as (one, two):
        with (
            one.offering("shop.Voice", ponder),
            pytest.raises(RequestTimeout, match=r"shop\.Voice/Shout within 1 s"),
        ):
            await two.call(one.address, "shop.Voice/Shout", b"", timeout=1.0)
        assert asked.is_set()


async def test_a_connection_that_breaks_during_the_call_leaves_it_unknown() -> None:
    asked = asyncio.Event()

    async def ponder(method: str, request: bytes) -> bytes:
        asked.set()
        return await asyncio.Future[bytes]()

    async with ActorSystem() as first, ActorSystem() as second, Remote(second) as two:
        options = RemoteOptions(leave_timeout=0.0)
        async with Remote(first, options=options) as one:
            with one.offering("shop.Voice", ponder):
                call = asyncio.create_task(
                    two.call(one.address, "shop.Voice/Shout", b"", timeout=30.0)
                )
                await asked.wait()
        with pytest.raises(ConnectionLost):
            await call


@both
async def test_nobody_there(transport: str) -> None:
    async with two_nodes(transport) as (one, _):
        with pytest.raises(PeerUnreachable):
            await one.call("127.0.0.1:1", "shop.Voice/Shout", b"", timeout=5.0)


async def test_a_peer_that_never_greets_got_no_request() -> None:
    async with ActorSystem() as system, Remote(system) as remote:
        with socket.create_server(("127.0.0.1", 0)) as silent:
            address = f"127.0.0.1:{silent.getsockname()[1]}"
            with pytest.raises(PeerUnreachable, match="no connection within"):
                await remote.call(address, "shop.Voice/Shout", b"", timeout=0.5)


async def test_a_service_has_one_answer() -> None:
    async with two_nodes("memory") as (one, _):
        with (
            one.offering("shop.Voice", shout),
            pytest.raises(ValueError, match=r"shop\.Voice is offered already"),
            one.offering("shop.Voice", shout),
        ):
            pass
