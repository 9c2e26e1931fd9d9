"""Providers that raise, hang, end, or yield nonsense."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any, ClassVar

import pytest

from protoactor_cluster import (
    Cluster,
    ClusterError,
    Grain,
    JoinTimeout,
    Member,
    MembershipView,
    ProviderFailed,
    TopologyChanged,
)
from protoactor_cluster.memory_provider import MemoryProvider
from protoactor_testkit import Members

pytestmark = pytest.mark.virtual_time


class Echo(Grain):
    async def echo(self, text: str) -> str:
        return text


CALM = "calm"


class Faulty(MemoryProvider):
    """Follows a script: what each watch does after its first view."""

    script: ClassVar[list[Any]]
    watches = 0

    async def watch(self, cluster: str) -> AsyncGenerator[MembershipView, None]:
        type(self).watches += 1
        act = self.script.pop(0) if self.script else CALM
        views = super().watch(cluster)
        yield await anext(views)
        match act:
            case "calm":
                async for view in views:
                    yield view
            case Exception():
                await asyncio.sleep(0.5)
                raise act
            case "end":
                await asyncio.sleep(0.5)
                return
            case garbage:
                await asyncio.sleep(0.5)
                yield garbage
                async for view in views:
                    yield view


def watch_failures(cluster: Cluster) -> list[ProviderFailed]:
    failures: list[ProviderFailed] = []
    cluster.system.events.subscribe(failures.append, ProviderFailed)
    return failures


@pytest.fixture(autouse=True)
def script() -> list[Any]:
    Faulty.script, Faulty.watches = [], 0
    return Faulty.script


@pytest.mark.parametrize("fault", [OSError("no route"), ValueError("bug"), "end"])
async def test_trap_09_a_watch_that_fails_is_opened_again(
    script: list[Any], fault: Any
) -> None:
    script += [fault] * 3
    async with Members(provider=Faulty) as members:
        (a,) = await members.start(1, kinds=[Echo], settle=False)
        failures = watch_failures(a)
        await asyncio.sleep(30.0)
        assert await a.grain(Echo, "x").echo("hello") == "hello"
        await members.start(1, kinds=[Echo])
        assert len(a.topology) == 2
    assert len(failures) == 3
    assert Faulty.watches < 10, "a hot loop"


A = Member("a", "127.0.0.1", 1)
NONSENSE = [
    None,
    [A],
    MembershipView((Member("", "127.0.0.1", 1),), 1000),
    MembershipView((Member("a", "", 1),), 1000),
    MembershipView((Member("a", "127.0.0.1", 0),), 1000),
    MembershipView((Member("a", "127.0.0.1", "1"),), 1000),  # type: ignore[arg-type]
    MembershipView((A, A), 1000),
    MembershipView([A], 1000),  # type: ignore[arg-type]
    MembershipView(("a",), 1000),  # type: ignore[arg-type]
    MembershipView((Member("a", "h", 1, frozenset((1,))),), 1000),  # type: ignore[arg-type]
    MembershipView((), -5),
]


@pytest.mark.parametrize("nonsense", NONSENSE)
async def test_a_view_that_makes_no_sense_is_ignored(
    script: list[Any], nonsense: Any
) -> None:
    script += [nonsense, CALM]
    async with Members(provider=Faulty) as members:
        (a,) = await members.start(1, kinds=[Echo], settle=False)
        failures = watch_failures(a)
        changes: list[TopologyChanged] = []
        a.system.events.subscribe(changes.append, TopologyChanged)
        await asyncio.sleep(1.0)
        assert changes == []
        assert await a.grain(Echo, "x").echo("hello") == "hello"
        await members.start(1, kinds=[Echo])
        assert len(a.topology) == 2
    assert [isinstance(it.error, ClusterError) for it in failures] == [True]


class Mute(MemoryProvider):
    """Says nothing about members."""

    async def watch(self, cluster: str) -> AsyncGenerator[MembershipView, None]:
        await asyncio.Event().wait()
        yield MembershipView((), 0)


class Blind(MemoryProvider):
    async def watch(self, cluster: str) -> AsyncGenerator[MembershipView, None]:
        raise OSError("connection refused")
        yield


class Hanging(MemoryProvider):
    """Never gets registered."""

    @asynccontextmanager
    async def join(self, cluster: str, member: Member) -> AsyncGenerator[None, None]:
        await asyncio.Event().wait()
        yield


class Refusing(MemoryProvider):
    @asynccontextmanager
    async def join(self, cluster: str, member: Member) -> AsyncGenerator[None, None]:
        raise PermissionError("wrong password")
        yield


class Clinging(MemoryProvider):
    """Does not let go."""

    @asynccontextmanager
    async def join(self, cluster: str, member: Member) -> AsyncGenerator[None, None]:
        async with super().join(cluster, member):
            yield
        await asyncio.Event().wait()


@pytest.mark.parametrize(
    ("provider", "text"),
    [
        (Mute, "did not list"),
        (Blind, "connection refused"),
        (Hanging, "did not register"),
    ],
)
async def test_joining_ends_in_a_timeout_that_says_why(
    provider: type[MemoryProvider], text: str
) -> None:
    loop = asyncio.get_running_loop()
    async with Members(provider=provider) as members:
        before, tasks = loop.time(), len(asyncio.all_tasks())
        with pytest.raises(JoinTimeout, match=text) as raised:
            await members.start(1, kinds=[Echo])
        assert provider.__name__ in str(raised.value)
        assert loop.time() - before < 15.0
        await asyncio.sleep(5.0)
        assert members.service.members(members.name) == ()
        assert len(asyncio.all_tasks()) <= tasks


async def test_what_the_provider_raises_on_joining_is_raised() -> None:
    async with Members(provider=Refusing) as members:
        with pytest.raises(PermissionError, match="wrong password"):
            await members.start(1, kinds=[Echo])


async def test_a_provider_that_does_not_let_go_is_left_behind() -> None:
    async with Members(provider=Clinging) as members:
        a, _ = await members.start(2, kinds=[Echo])
        loop = asyncio.get_running_loop()
        before = loop.time()
        await members.leave(a)
        assert loop.time() - before < 5.0


async def test_trap_09_an_outage_of_60_s_costs_nothing(members: Members) -> None:
    a, b, _ = await members.start(3, kinds=[Echo])
    changes: list[TopologyChanged] = []
    a.system.events.subscribe(changes.append, TopologyChanged)
    members.service.stop()
    for _ in range(60):
        for number in range(5):
            assert await b.grain(Echo, str(number)).echo("hello") == "hello"
        await asyncio.sleep(1.0)
    members.service.start("wiped")
    await asyncio.sleep(10.0)
    assert changes == []
    assert len(members.service.members(members.name)) == 3


async def test_members_that_disagree_are_told_so(members: Members) -> None:
    from protoactor_cluster import DistHashLookup

    await members.start(1, kinds=[Echo])
    with pytest.raises(ClusterError, match=r"lookup='partition'.*lookup='disthash'"):
        await members.start(1, kinds=[Echo], lookup=DistHashLookup)
    client = await members.connect(lookup=DistHashLookup)
    with pytest.raises(ClusterError, match="use the same everywhere"):
        await client.grain(Echo, "x").echo("hello")
