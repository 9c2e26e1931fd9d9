"""Unary services of other packages on the port of a node."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from protoactor import ActorSystem
from protoactor_remote import NotOffered, PeerUnreachable, Remote
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
async def test_a_request_that_is_refused_says_why(transport: str) -> None:
    async with two_nodes(transport) as (one, two):
        with (
            one.offering("shop.Voice", shout),
            pytest.raises(PeerUnreachable, match="no such method"),
        ):
            await two.call(one.address, "shop.Voice/Whisper", b"")


@both
async def test_nobody_there(transport: str) -> None:
    async with two_nodes(transport) as (one, _):
        with pytest.raises(PeerUnreachable):
            await one.call("127.0.0.1:1", "shop.Voice/Shout", b"", timeout=5.0)


async def test_a_service_has_one_answer() -> None:
    async with two_nodes("memory") as (one, _):
        with (
            one.offering("shop.Voice", shout),
            pytest.raises(ValueError, match=r"shop\.Voice is offered already"),
            one.offering("shop.Voice", shout),
        ):
            pass
