"""What cannot work is refused at once, says what to do, and leaves nothing behind."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from typing import Any

import pytest

from protoactor import Actor, ActorSystem, Context, NotSent, Props
from protoactor_cluster import (
    Cluster,
    ClusterError,
    FailureDetection,
    Grain,
    InvalidIdentity,
    Kind,
    KindNotFound,
    PartitionLookup,
    join,
)
from protoactor_cluster.memory_provider import MemoryBackend, MemoryProvider
from protoactor_remote import Remote
from protoactor_remote.memory import Network
from protoactor_testkit import Members


class Echo(Grain):
    async def echo(self, text: str) -> str:
        return text


class Elsewhere(Grain):
    async def use(self) -> None: ...


class Namesake(Grain, kind="Echo"):
    async def use(self) -> None: ...


class Plain(Actor):
    def receive(self, context: Context) -> None:
        pass


# -- identities and kinds


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("", "must not be empty"),
        (7, "must be a str, not int"),
        (None, "must be a str, not NoneType"),
        (b"x", "must be a str, not bytes"),
        ("\ud800", "lone surrogate"),
        ("x" * 1025, "1025 bytes of UTF-8, 1024 are allowed"),
        ("ü" * 513, "1026 bytes"),
    ],
)
async def test_trap_44_a_name_that_identifies_nothing_is_refused_at_the_edge(
    members: Members, name: Any, text: str
) -> None:
    (a,) = await members.start(1, kinds=[Echo])
    with pytest.raises(InvalidIdentity, match=text):
        a.grain(Echo, name)
    with pytest.raises(InvalidIdentity, match=text):
        await a.get("Echo", name)
    with pytest.raises(InvalidIdentity, match=text):
        await a.request("Echo", name, "hello", returns=str)
    with pytest.raises(NotSent):  # it is the caller's own mistake
        a.activation("Echo", name)
    assert a.activations == 0


@pytest.mark.parametrize("kind", ["", "9lives", "a b", "a/b", 7, None])
async def test_a_kind_that_is_no_name_is_refused_at_the_edge(
    members: Members, kind: Any
) -> None:
    (a,) = await members.start(1, kinds=[Echo])
    with pytest.raises(InvalidIdentity, match="kind"):
        await a.get(kind, "x")
    with pytest.raises((ValueError, TypeError)):
        Kind(kind, Props(Plain))


@pytest.mark.parametrize("no_grain", [Grain, Plain, "Echo", None])
async def test_a_handle_needs_a_grain_class(members: Members, no_grain: Any) -> None:
    (a,) = await members.start(1, kinds=[Echo])
    with pytest.raises(TypeError, match="needs a subclass of Grain"):
        a.grain(no_grain, "x")


async def test_a_kind_that_nobody_hosts_is_named_with_what_to_do(
    members: Members,
) -> None:
    a, _ = await members.start(2, kinds=[Echo])
    client = await members.connect()
    for caller in (a, client):
        loop = asyncio.get_running_loop()
        before = loop.time()
        with pytest.raises(
            KindNotFound,
            match=r"none of the 2 members hosts kind 'Elsewhere'.*`kinds=`",
        ):
            await caller.grain(Elsewhere, "x", timeout=60.0).use()
        assert loop.time() - before < 2.0, "not only when its time is over"


@pytest.mark.parametrize(
    "kinds", [[Echo, Echo], [Echo, Namesake], [Echo, Kind("Echo", Props(Plain))]]
)
async def test_a_kind_given_twice_is_refused_before_anything_starts(
    members: Members, kinds: list[Any]
) -> None:
    with pytest.raises(ValueError, match="kind 'Echo' is given twice"):
        await members.start(1, kinds=kinds)
    assert members.service.members(members.name) == ()


@pytest.mark.parametrize("kind", [Plain, "Echo", None])
async def test_what_is_no_kind_is_refused(members: Members, kind: Any) -> None:
    with pytest.raises(TypeError, match="Grain classes and Kind objects"):
        await members.start(1, kinds=[kind])


def test_a_kind_is_either_an_actor_or_a_grain() -> None:
    with pytest.raises(ValueError, match=r"Kind\.of"):
        Kind("Echo")
    with pytest.raises(ValueError, match="negative"):
        Kind("Plain", Props(Plain), idle_timeout=-1.0)


# -- settings


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"failure_detection": "quick"}, "use 'default' or 'fast'"),
        ({"pid_cache_size": 0}, "capacity must be at least 1"),
        ({"lookup": lambda: "nowhere"}, "nowhere"),
    ],
)
async def test_settings_that_make_no_sense_are_refused(
    members: Members, options: dict[str, Any], text: str
) -> None:
    with pytest.raises((ValueError, LookupError, ClusterError), match=text):
        await members.start(1, kinds=[Echo], **options)
    assert members.service.members(members.name) == ()
    assert FailureDetection.named("fast").suspect_after < 2.0


async def test_a_cluster_without_a_name_is_refused() -> None:
    with pytest.raises(ValueError, match="needs a name"):
        async with join("", provider=MemoryProvider(MemoryBackend())):
            pass


async def test_a_lookup_serves_one_cluster_at_a_time(members: Members) -> None:
    shared = PartitionLookup()
    await members.start(1, kinds=[Echo], lookup=lambda: shared)
    with pytest.raises(ClusterError, match="make another one"):
        await members.start(1, kinds=[Echo], lookup=lambda: shared)
    assert len(members.service.members(members.name)) == 1


# -- addresses


@pytest.mark.parametrize(
    ("address", "text"),
    [
        ("0.0.0.0:8090", "names no host"),
        (":8090", "names no host"),
        ("", "names no host"),
        ("[::]:8090", "names no host"),
        ("host:70000", "impossible port"),
        ("host:0", "impossible port"),
        ("host:http", "needs a number as port"),
        ("::1", "brackets around an IPv6 address"),
        ("http://host:8090", "is no address"),
        ("host name:8090", "is no address"),
    ],
)
async def test_an_advertised_address_that_cannot_be_called_is_refused(
    address: str, text: str
) -> None:
    backend = MemoryBackend()
    with pytest.raises(ValueError, match=text) as raised:
        async with join("test", provider=MemoryProvider(backend), advertised=address):
            pass
    assert repr(address) in str(raised.value)
    assert backend.members("test") == ()


@pytest.mark.virtual_time
async def test_a_member_that_nobody_can_reach_is_no_member() -> None:
    """It can call the others, and they cannot call it: an address of another net."""
    network, backend = Network(delay=0.001), MemoryBackend(ttl=2.0)

    def member(system: ActorSystem, advertised: str | None) -> tuple[Remote, Cluster]:
        remote = Remote(system, advertised=advertised, transport=network.transport())
        provider = MemoryProvider(backend)
        return remote, Cluster(remote, "test", provider=provider, kinds=[Echo])

    async with AsyncExitStack() as stack:
        system = await stack.enter_async_context(ActorSystem(stall_warning=None))
        remote, first = member(system, None)
        await stack.enter_async_context(remote)
        await stack.enter_async_context(first)
        before = len(asyncio.all_tasks())
        async with ActorSystem(stall_warning=None) as other:
            remote, second = member(other, "10.9.8.7:1")
            async with remote:
                with pytest.raises(
                    ClusterError,
                    match=r"no member answered.* can they call 10\.9\.8\.7:1",
                ):
                    await second.__aenter__()
        assert [it.id for it in backend.members("test")] == [first.member_id]
        await asyncio.sleep(5.0)
        assert len(first.topology) == 1
        assert len(asyncio.all_tasks()) <= before + 1
        assert await first.grain(Echo, "x").echo("hello") == "hello"


async def test_members_that_died_do_not_keep_one_from_joining(
    members: Members,
) -> None:
    a, b = await members.start(2, kinds=[Echo])
    await members.crash(a)
    await members.crash(b)
    loop = asyncio.get_running_loop()
    before = loop.time()
    (c,) = await members.start(1, kinds=[Echo], settle=False)
    assert loop.time() - before < 2.0
    await members.agree()
    assert await c.grain(Echo, "x").echo("hello") == "hello"
