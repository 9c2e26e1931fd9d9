"""A process that stood still must not serve before it knows what it missed."""

from __future__ import annotations

import asyncio

import pytest

from protoactor import Actor, ActorError, Context, Props
from protoactor_cluster import Cluster, Evicted, Grain, Kind, Rejoined
from protoactor_cluster.keep_alive import KeepAlive
from protoactor_testkit import Members


class Counter(Grain, idle_timeout=0.0):
    handled: list[str]

    async def add(self, label: str, seconds: float = 0.0) -> str:
        type(self).handled.append(f"{label} on {self.cluster.member_id}")
        await asyncio.sleep(seconds)
        return self.cluster.member_id


@pytest.fixture(autouse=True)
def handled() -> list[str]:
    Counter.handled = []
    return Counter.handled


async def start_with_host(members: Members) -> tuple[Cluster, Cluster]:
    """A caller, and the member on which `Counter/x` lives."""
    await members.start(3, kinds=[Counter])
    client = await members.connect()
    await client.grain(Counter, "x").add("first")
    return client, members.host_of(Counter, "x")


async def test_a_frozen_member_finds_another_in_its_place(
    members: Members, handled: list[str]
) -> None:
    client, host = await start_with_host(members)
    former = host.member_id
    members.freeze(host)
    late = asyncio.create_task(client.grain(Counter, "x", timeout=9.0).add("late"))
    await asyncio.sleep(10.0)
    other = await client.grain(Counter, "x", timeout=9.0).add("other")
    assert other != former
    members.thaw(host)
    await host.system.events.first(Rejoined, timeout=20.0)
    await asyncio.wait({late})
    assert f"late on {former}" not in handled
    assert await client.grain(Counter, "x").add("again") == other


async def test_what_came_before_the_freeze_is_not_answered_after_it(
    members: Members,
) -> None:
    client, host = await start_with_host(members)
    former = host.member_id
    evictions: list[Evicted] = []
    host.system.events.subscribe(evictions.append, Evicted)
    call = asyncio.create_task(client.grain(Counter, "x", timeout=60.0).add("y", 5.0))
    await asyncio.sleep(0.1)
    members.freeze(host)
    await asyncio.sleep(10.0)
    members.thaw(host)
    with pytest.raises(ActorError):
        await call
    await members.agree()
    await asyncio.sleep(30.0)
    assert [it.member_id for it in evictions] == [former], "once is enough"
    assert host.ready
    assert {host.member_id} < {it.id for it in client.topology.members} - {former}


async def test_a_member_that_nobody_missed_goes_on(
    members: Members, handled: list[str]
) -> None:
    client, host = await start_with_host(members)
    former = host.member_id
    members.service.stop()  # it cannot evict anybody, nor confirm anybody
    members.freeze(host)
    await asyncio.sleep(3.0)
    members.thaw(host)
    call = asyncio.create_task(client.grain(Counter, "x", timeout=9.0).add("waits"))
    await asyncio.sleep(2.0)
    assert not host.ready
    assert not call.done()
    assert f"waits on {former}" not in handled
    members.service.start()
    assert await call == former
    assert host.ready


async def test_a_short_pause_changes_nothing(members: Members) -> None:
    client, host = await start_with_host(members)
    former = host.member_id
    members.freeze(host)
    await asyncio.sleep(0.5)
    members.thaw(host)
    assert host.ready
    assert await client.grain(Counter, "x").add("x") == former


class Plain(Actor):
    def receive(self, context: Context) -> None:
        if context.message == "where":
            context.respond(context.system.id)


async def test_plain_actors_are_held_back_too(members: Members) -> None:
    await members.start(2, kinds=[Kind("Plain", Props(Plain))])
    client = await members.connect()
    former = await client.request("Plain", "x", "where", returns=str)
    host = members.host_of("Plain", "x")
    members.service.stop()
    members.freeze(host)
    await asyncio.sleep(3.0)
    members.thaw(host)
    with pytest.raises(ActorError):
        await client.request("Plain", "x", "where", returns=str, timeout=1.0)
    members.service.start()
    assert await client.request("Plain", "x", "where", returns=str) == former


class Time:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_gap_is_noticed_whoever_looks_first() -> None:
    time = Time()
    reader, thread = KeepAlive(3.0, clock=time), KeepAlive(3.0, clock=time)
    time.now += 4.0
    assert reader.stood_still()
    thread.stamp()  # the thread was faster: the gap must not be lost
    assert thread.stood_still()
    reader.absolve()
    thread.absolve()
    assert not reader.stood_still()
    assert not thread.stood_still()


def test_a_blocked_loop_is_a_gap_only_beyond_the_stall_limit() -> None:
    time = Time()
    keep_alive = KeepAlive(3.0, stall_limit=10.0, clock=time)
    for _ in range(9):
        time.now += 1.0
        keep_alive.stamp()
    assert not keep_alive.stood_still()
    assert not keep_alive.stalled
    for _ in range(2):
        time.now += 1.0
        keep_alive.stamp()
    assert keep_alive.stalled
    assert keep_alive.stood_still()
