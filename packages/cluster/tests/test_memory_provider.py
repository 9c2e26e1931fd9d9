"""The in-memory provider: the contract, and the faults it can be told to have."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing, asynccontextmanager

import pytest

from protoactor_cluster.errors import ClusterError
from protoactor_cluster.memory_provider import MemoryBackend, MemoryProvider
from protoactor_cluster.provider import Member
from protoactor_testkit.contracts import (
    ClusterProviderContract,
    MemoryHarness,
    ProviderHarness,
    ViewLog,
)

pytestmark = pytest.mark.virtual_time


class TestMemoryProvider(ClusterProviderContract):
    has_keep_alive_thread = False  # all members share one loop, blocked or not

    @pytest.fixture
    def harness(self) -> ProviderHarness:
        return MemoryHarness()


@pytest.fixture
def backend() -> MemoryBackend:
    return MemoryBackend(ttl=0.2)


@asynccontextmanager
async def member(
    backend: MemoryBackend, id: str, port: int = 0
) -> AsyncGenerator[ViewLog, None]:
    """A joined member with this id, and its views."""
    joined = Member(id, "127.0.0.1", port or ord(id))
    provider = MemoryProvider(backend)
    async with (
        provider.join("shop", joined),
        ViewLog(provider, "shop", me=joined) as views,
    ):
        yield views


def ids(views: ViewLog) -> list[str]:
    """The ids of every view in turn, such as `["a", "ab"]`."""
    return ["".join(m.id for m in view.members) for view in views.history]


async def settled(views: ViewLog, expected: str) -> None:
    await views.until(*(m for m in ALL if m.id in expected))


ALL = [Member(id, "127.0.0.1", ord(id)) for id in "abc"]


async def test_a_hidden_member_is_missing_from_one_view_only(
    backend: MemoryBackend,
) -> None:
    async with member(backend, "a") as a, member(backend, "b") as b:
        await settled(a, "ab")
        await settled(b, "ab")
        backend.hide("b", viewer="a")
        await settled(a, "a")
        await b.quiet(backend.ttl)
        backend.show("b", viewer="a")
        await settled(a, "ab")


def test_a_member_cannot_be_hidden_from_itself(backend: MemoryBackend) -> None:
    with pytest.raises(ValueError, match="evict"):
        backend.hide("a", viewer="a")


async def test_a_partition_shows_each_side_itself_until_it_heals(
    backend: MemoryBackend,
) -> None:
    async with (
        member(backend, "a") as a,
        member(backend, "b") as b,
        member(backend, "c") as c,
    ):
        for views in (a, b, c):
            await settled(views, "abc")
        backend.partition("a", "bc")
        await settled(a, "a")
        await settled(b, "bc")
        await settled(c, "bc")
        backend.heal()
        for views in (a, b, c):
            await settled(views, "abc")


async def test_a_delayed_viewer_sees_every_view_later_and_in_order(
    backend: MemoryBackend,
) -> None:
    async with member(backend, "a") as a, member(backend, "b") as b:
        await settled(a, "ab")
        await settled(b, "ab")
        backend.delay("a", 0.1)
        async with member(backend, "c"):
            await settled(b, "abc")
            assert ids(a)[-1] == "ab"
            await settled(a, "abc")
        await settled(b, "ab")
        assert ids(a)[-1] == "abc"
        await settled(a, "ab")
        assert ids(a)[-3:] == ["ab", "abc", "ab"]


async def test_the_newer_of_two_members_on_one_address_evicts_the_older(
    backend: MemoryBackend,
) -> None:
    async with member(backend, "a") as a, member(backend, "b", port=7) as b:
        await a.until(Member("a", "127.0.0.1", 97), Member("b", "127.0.0.1", 7))
        async with member(backend, "c", port=7):
            await b.until_lost()
            await a.until(Member("a", "127.0.0.1", 97), Member("c", "127.0.0.1", 7))


async def test_duplicates_are_shown_on_request(backend: MemoryBackend) -> None:
    backend.allow_duplicates()
    provider = MemoryProvider(backend)
    old, new = Member("a", "127.0.0.1", 7), Member("b", "127.0.0.1", 7)
    async with (
        MemoryProvider(backend).join("shop", old),
        MemoryProvider(backend).join("shop", new),
        aclosing(provider.watch("shop")) as views,
    ):
        assert (await anext(views)).members == (old, new)


async def test_an_evicted_member_does_not_come_back_by_itself(
    backend: MemoryBackend,
) -> None:
    async with member(backend, "a") as a, member(backend, "b") as b:
        await settled(a, "ab")
        backend.evict("shop", "b")
        await b.until_lost()
        await settled(a, "a")
        await a.quiet(2 * backend.ttl)


async def test_a_lapse_that_nobody_saw_is_no_eviction(backend: MemoryBackend) -> None:
    async with member(backend, "a") as a:
        await settled(a, "a")
        backend.disconnect("a")
        await a.quiet(2 * backend.ttl)
        backend.reconnect("a")
        async with member(backend, "b") as b:
            await settled(b, "ab")
            await settled(a, "ab")


async def test_one_provider_holds_one_member(backend: MemoryBackend) -> None:
    provider = MemoryProvider(backend)
    async with provider.join("shop", ALL[0]):
        with pytest.raises(ClusterError, match="use another one"):
            await provider.join("shop", ALL[1]).__aenter__()


async def test_the_same_script_gives_the_same_views(backend: MemoryBackend) -> None:
    async def play() -> list[list[str]]:
        stage = MemoryBackend(ttl=0.2)
        async with member(stage, "b") as b, member(stage, "a") as a:
            stage.partition("a", "b")
            async with member(stage, "c") as c:
                stage.heal()
                stage.crash("c")
                await settled(a, "abc")
                await settled(a, "ab")
                await settled(b, "ab")
            return [ids(a), ids(b), ids(c)]

    assert await play() == await play()


def test_a_ttl_that_is_not_positive_is_refused() -> None:
    with pytest.raises(ValueError, match="positive"):
        MemoryBackend(ttl=0)
