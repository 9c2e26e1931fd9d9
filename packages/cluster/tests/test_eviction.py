"""A member that was removed by others serves nothing, and comes back as another."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

import pytest

from protoactor import ActorError
from protoactor_cluster import (
    Cluster,
    Evicted,
    Grain,
    MembershipLost,
    MembershipView,
    Rejoined,
)
from protoactor_cluster.memory_provider import MemoryProvider
from protoactor_testkit import Members


class Counter(Grain):
    stopped: list[str]

    def __init__(self) -> None:
        self._total = 0

    async def on_deactivate(self) -> None:
        type(self).stopped.append(self.identity.name)

    async def add(self, amount: int, seconds: float = 0.0) -> int:
        await asyncio.sleep(seconds)
        self._total += amount
        return self._total

    async def where(self) -> str:
        return self.cluster.member_id


@pytest.fixture(autouse=True)
def stopped() -> list[str]:
    Counter.stopped = []
    return Counter.stopped


async def host_some(members: Members, host: Cluster, count: int = 40) -> list[str]:
    """Activate until `host` has several; returns the names that live there."""
    client = await members.connect()
    for number in range(count):
        await client.grain(Counter, str(number)).add(1)
    return [str(n) for n in range(count) if host.activation("Counter", str(n))]


def evict(members: Members, member: Cluster) -> None:
    members.service.evict(members.name, member.member_id)


async def test_trap_10_it_stops_at_once_and_joins_again_under_a_new_id(
    members: Members, stopped: list[str]
) -> None:
    a, b, c = await members.start(3, kinds=[Counter])
    names = await host_some(members, b)
    former = b.member_id
    evict(members, b)
    evicted = await b.system.events.first(Evicted)
    assert evicted.member_id == former
    assert not b.ready
    rejoined = await b.system.events.first(Rejoined)
    assert (rejoined.former_id, rejoined.member_id) == (former, b.member_id)
    assert sorted(stopped) == sorted(names)
    await members.agree()
    assert former not in a.topology
    assert b.member_id in a.topology
    assert {a, b, c} == set(members.alive)
    for name in names:
        assert await a.grain(Counter, name).add(1) == 1


async def test_a_reply_of_an_evicted_activation_does_not_leave(
    members: Members,
) -> None:
    _, b, _ = await members.start(3, kinds=[Counter])
    names = await host_some(members, b)
    client = await members.connect()
    call = asyncio.create_task(client.grain(Counter, names[0]).add(1, 2.0))
    await asyncio.sleep(1.0)
    evict(members, b)
    with pytest.raises(ActorError):
        await call
    assert await client.grain(Counter, names[0]).add(1) == 1


async def test_it_learns_of_it_from_gossip(members: Members) -> None:
    a, b, c = await members.start(3, kinds=[Counter])
    former = b.member_id
    members.service.disconnect(former)  # it sees nothing of it
    evicted = await b.system.events.first(Evicted, timeout=10.0)
    assert "removed this member" in evicted.reason or "refuses" in evicted.reason
    members.service.reconnect(former)
    await b.system.events.first(Rejoined, timeout=20.0)
    await members.agree()
    assert former not in a.topology
    assert former not in c.topology


async def test_it_learns_of_it_from_a_refused_handshake(members: Members) -> None:
    a, b = await members.start(2, kinds=[Counter])
    former = b.member_id
    members.service.disconnect(former)
    members.network.reset(a.member_address, b.member_address)
    await asyncio.sleep(20.0)
    assert former not in a.topology
    assert b.member_id == former
    members.heal()
    evicted = await b.system.events.first(Evicted, timeout=5.0)
    assert "refuses" in evicted.reason


async def test_without_rejoin_membership_is_lost_for_good(members: Members) -> None:
    _, b = await members.start(2, kinds=[Counter], rejoin=False)
    waiting = asyncio.create_task(b.wait_closed())
    evict(members, b)
    with pytest.raises(MembershipLost, match="evicted"):
        await waiting
    assert not b.alive
    assert not b.ready


async def test_trap_04_an_id_that_was_removed_never_returns(members: Members) -> None:
    a, b, _ = await members.start(3, kinds=[Counter])
    former = b.member_id
    members.service.hide(former, viewer=a.member_id)
    await b.system.events.first(Evicted, timeout=5.0)
    members.service.show(former, viewer=a.member_id)
    await b.system.events.first(Rejoined, timeout=10.0)
    await members.agree()
    assert former not in {m.id for m in a.topology.members}


async def test_an_evicted_member_may_go_on_calling_others(members: Members) -> None:
    a, b, _ = await members.start(3, kinds=[Counter])
    names = await host_some(members, a)
    evict(members, b)
    await b.system.events.first(Evicted)
    assert await b.grain(Counter, names[0]).add(1) == 2


class Unstable(MemoryProvider):
    """Cannot be joined again at first."""

    joins = 0

    async def watch(self, cluster: str) -> AsyncGenerator[MembershipView, None]:
        type(self).joins += 1
        if self.joins in (2, 3):
            raise MembershipLost("not yet")
        async for view in super().watch(cluster):
            yield view


@pytest.mark.virtual_time
async def test_it_tries_to_join_until_it_works() -> None:
    Unstable.joins = 0
    async with Members(provider=Unstable) as members:
        (b,) = await members.start(1, kinds=[Counter])
        first = b.member_id
        evict(members, b)
        await b.system.events.first(Rejoined, timeout=60.0)
        assert b.member_id != first
        assert await b.grain(Counter, "x").add(1) == 1
