"""`wait_closed` ends on the signals that end a process, beside the program's handlers."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import AsyncGenerator, Generator

import pytest

from protoactor import ActorSystem
from protoactor_cluster import Cluster, SingleMemberLookup, SingleMemberProvider
from protoactor_remote import Remote
from protoactor_remote.memory import Network

PATIENCE = 30.0
NUMBERS = [signal.SIGTERM, signal.SIGINT]


@pytest.fixture(autouse=True)
def handlers_survive() -> Generator[None, None, None]:
    """Whatever a test does, it ends with the handlers that it began with."""
    before = {number: signal.getsignal(number) for number in NUMBERS}
    yield
    after = {number: signal.getsignal(number) for number in NUMBERS}
    for number, handler in before.items():
        signal.signal(number, handler)
    assert after == before


@contextlib.asynccontextmanager
async def a_member() -> AsyncGenerator[Cluster, None]:
    async with (
        ActorSystem() as system,
        Remote(system, transport=Network().transport()) as remote,
        Cluster(
            remote,
            "alone",
            provider=SingleMemberProvider(),
            lookup=SingleMemberLookup(),
        ) as cluster,
    ):
        yield cluster


async def waiting(*members: Cluster) -> asyncio.Future[list[None]]:
    """`wait_closed` of these, which have begun to wait."""
    waits = asyncio.gather(*(member.wait_closed() for member in members))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    return waits


async def ended(waits: asyncio.Future[list[None]]) -> None:
    async with asyncio.timeout(PATIENCE):
        await waits


@pytest.mark.parametrize("number", NUMBERS)
async def test_a_signal_ends_the_wait(number: signal.Signals) -> None:
    async with a_member() as member:
        waits = await waiting(member)
        signal.raise_signal(number)
        await ended(waits)


@pytest.mark.parametrize("number", NUMBERS)
async def test_a_handler_of_the_program_is_called_and_stays(
    number: signal.Signals,
) -> None:
    heard: list[int] = []

    def handler(number: int, _: object) -> None:
        heard.append(number)

    before = signal.signal(number, handler)
    try:
        async with a_member() as member:
            waits = await waiting(member)
            signal.raise_signal(number)
            await ended(waits)
        assert signal.getsignal(number) is handler
        signal.raise_signal(number)
        assert heard == [number, number]
    finally:
        signal.signal(number, before)


@pytest.mark.parametrize("number", NUMBERS)
async def test_a_handler_of_the_loop_is_called_and_stays(
    number: signal.Signals,
) -> None:
    loop, heard = asyncio.get_running_loop(), asyncio.Semaphore(0)
    before = signal.getsignal(number)
    loop.add_signal_handler(number, heard.release)
    try:
        async with asyncio.timeout(PATIENCE), a_member() as member:
            waits = await waiting(member)
            signal.raise_signal(number)
            await ended(waits)
            await heard.acquire()
            signal.raise_signal(number)
            await heard.acquire()
    finally:
        loop.remove_signal_handler(number)
        signal.signal(number, before)


async def test_a_handler_that_came_during_the_wait_stays() -> None:
    def handler(number: int, _: object) -> None:
        pass

    before = signal.getsignal(signal.SIGTERM)
    async with a_member() as member:
        waits = await waiting(member)
        signal.signal(signal.SIGTERM, handler)
        member.leave()
        await ended(waits)
        assert signal.getsignal(signal.SIGTERM) is handler
    signal.signal(signal.SIGTERM, before)


async def test_all_members_of_a_process_hear_it() -> None:
    async with a_member() as first, a_member() as second:
        waits = await waiting(first, second)
        signal.raise_signal(signal.SIGTERM)
        await ended(waits)


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
async def test_one_member_leaves_and_the_other_still_hears_it(
    order: tuple[int, int],
) -> None:
    async with a_member() as one, a_member() as other:
        members = one, other
        waits = [await waiting(member) for member in members]
        leaves, stays = order
        members[leaves].leave()
        await ended(waits[leaves])
        signal.raise_signal(signal.SIGTERM)
        await ended(waits[stays])


async def test_a_cancelled_wait_leaves_the_handlers_as_they_were() -> None:
    before = [signal.getsignal(number) for number in NUMBERS]
    async with a_member() as member:
        waits = await waiting(member)
        assert [signal.getsignal(number) for number in NUMBERS] != before
        waits.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waits
        assert [signal.getsignal(number) for number in NUMBERS] == before
