"""The lookup of protoactor-go: the owner is the host, and nothing is handed over."""

from __future__ import annotations

import asyncio
from collections import Counter

import pytest

from protoactor_cluster import (
    Cluster,
    Dialect,
    DistHashLookup,
    Grain,
    Member,
    PartitionLookup,
)
from protoactor_cluster.rendezvous import Rendezvous
from protoactor_testkit import Members


class Slow(Grain, idle_timeout=0.0):
    """Takes a while to end what it is doing, and notes who lives when."""

    living: Counter[str]
    twice: list[str]
    starts: Counter[str]

    async def on_activate(self) -> None:
        name = self.identity.name
        self.living[name] += 1
        self.starts[name] += 1
        if self.living[name] > 1:
            self.twice.append(name)

    async def on_deactivate(self) -> None:
        self.living[self.identity.name] -= 1

    async def work(self, seconds: float = 0.0) -> str:
        await asyncio.sleep(seconds)
        return self.cluster.member_id


class Other(Grain, idle_timeout=0.0):
    async def where(self) -> str:
        return self.cluster.member_id


@pytest.fixture(autouse=True)
def fresh() -> None:
    Slow.living, Slow.twice, Slow.starts = Counter(), [], Counter()


NAMES = [*map(str, range(40)), "ü-1", "a/b", "Roger", "x" * 1024]


def owner(cluster: Cluster, name: str) -> str:
    rendezvous = Rendezvous(cluster.topology.members)
    member = rendezvous.owner("Slow", name)
    assert member is not None
    return member.id


def test_trap_16_10_000_owners_are_those_of_protoactor_go() -> None:
    """A sum over all of them; single ones are in `test_rendezvous`."""
    members = [
        Member(f"memberId-{i}", "127.0.0.1", 8080 + i, frozenset({"kind"}))
        for i in range(3)
    ]
    rendezvous = Rendezvous(members)

    def go(name: str) -> int:
        scores: list[int] = []
        for member in members:
            state = 0x811C9DC5
            for byte in (name + member.address).encode():
                state = (state ^ byte) * 0x01000193 % 2**32
            scores.append(state)
        return scores.index(max(scores))

    for number in range(10_000):
        name = f"ü/{number}" if number % 3 else str(number)
        assert rendezvous.owner("kind", name) == members[go(name)]


async def test_trap_16_an_identity_lives_with_its_owner_wherever_it_is_called(
    members: Members,
) -> None:
    clusters = await members.start(3, kinds=[Slow], lookup=DistHashLookup)
    client = await members.connect(lookup=DistHashLookup)
    for name in NAMES:
        homes = {await it.grain(Slow, name).work() for it in (*clusters, client)}
        assert homes == {owner(client, name)}
    assert set(Slow.starts.values()) == {1}


async def test_trap_16_only_members_with_the_kind_own_it(members: Members) -> None:
    (a,) = await members.start(1, kinds=[Slow, Other], lookup=DistHashLookup)
    await members.start(2, kinds=[Other], lookup=DistHashLookup)
    assert {await a.grain(Slow, name).work() for name in NAMES} == {a.member_id}
    homes = {await a.grain(Other, name).where() for name in NAMES}
    assert len(homes) > 1


async def test_with_the_dialect_of_go_it_is_the_default(members: Members) -> None:
    with pytest.raises(ValueError, match="use DistHashLookup"):
        await members.start(1, kinds=[Slow], dialect=Dialect.GO)
    (a,) = await members.start(
        1, kinds=[Slow], dialect=Dialect.GO, lookup=DistHashLookup
    )
    assert await a.grain(Slow, "x").work() == a.member_id


async def test_what_a_new_owner_takes_over_ends_where_it_was(members: Members) -> None:
    clusters = await members.start(2, kinds=[Slow], lookup=DistHashLookup)
    for name in NAMES:
        await clusters[0].grain(Slow, name).work()
    before = {name: owner(clusters[0], name) for name in NAMES}
    clusters += await members.start(1, kinds=[Slow], lookup=DistHashLookup)
    await asyncio.sleep(1.0)
    moved = [name for name in NAMES if owner(clusters[0], name) != before[name]]
    assert moved
    assert len(moved) < len(NAMES)
    assert [name for name in NAMES if not Slow.living[name]] == moved
    for name in NAMES:
        homes = {await it.grain(Slow, name).work() for it in clusters}
        assert homes == {owner(clusters[0], name)}
    assert Slow.twice == []


async def test_trap_17_while_an_old_activation_drains_a_new_one_may_live(
    members: Members,
) -> None:
    """The documented window: it ends with what had arrived at the old one."""
    clusters = await members.start(2, kinds=[Slow], lookup=DistHashLookup)
    calls = {
        name: asyncio.create_task(clusters[0].grain(Slow, name, timeout=30.0).work(3.0))
        for name in NAMES
    }
    await asyncio.sleep(0.5)
    before = {name: owner(clusters[0], name) for name in NAMES}
    clusters += await members.start(1, kinds=[Slow], lookup=DistHashLookup)
    moved = [name for name in NAMES if owner(clusters[0], name) != before[name]]
    for name in moved:
        assert await clusters[2].grain(Slow, name).work() == clusters[2].member_id
    assert sorted(Slow.twice) == sorted(moved)
    homes = {name: await call for name, call in calls.items()}
    assert homes == before, "what had arrived is answered by the old one"
    await asyncio.sleep(1.0)
    assert {Slow.living[name] for name in NAMES} == {1}


async def test_trap_17_with_ownership_handed_over_there_is_no_such_window(
    members: Members,
) -> None:
    clusters = await members.start(2, kinds=[Slow], lookup=PartitionLookup)
    calls = [
        asyncio.create_task(clusters[0].grain(Slow, name, timeout=200.0).work(3.0))
        for name in NAMES
    ]
    await asyncio.sleep(0.5)
    clusters += await members.start(1, kinds=[Slow], lookup=PartitionLookup)
    again = [clusters[2].grain(Slow, name, timeout=30.0).work() for name in NAMES]
    homes = await asyncio.gather(*calls)
    assert await asyncio.gather(*again) == homes
    assert Slow.twice == []
    assert set(Slow.starts.values()) == {1}


async def test_a_request_that_reaches_a_former_owner_is_not_served_there(
    members: Members,
) -> None:
    """It is held until both agree, or refused after a second; here they agree."""
    a, b = await members.start(2, kinds=[Slow], lookup=DistHashLookup)
    members.service.delay(a.member_id, 0.5)  # it hears of the third one late
    (c,) = await members.start(1, kinds=[Slow], lookup=DistHashLookup, settle=False)
    assert len(a.topology) == 2
    new = [name for name in NAMES if owner(c, name) == c.member_id]
    homes = await asyncio.gather(*(a.grain(Slow, name).work() for name in new))
    assert set(homes) <= {b.member_id, c.member_id, a.member_id}
    await members.agree()
    await asyncio.sleep(2.0)
    assert [await a.grain(Slow, name).work() for name in new] == [c.member_id] * len(
        new
    )
    assert {Slow.living[name] for name in new} == {1}


async def test_a_member_that_leaves_is_succeeded_at_once(members: Members) -> None:
    clusters = await members.start(3, kinds=[Slow], lookup=DistHashLookup)
    client = await members.connect(lookup=DistHashLookup)
    for name in NAMES:
        await client.grain(Slow, name).work()
    await members.leave(clusters[1])
    for name in NAMES:
        assert await client.grain(Slow, name).work() != clusters[1].member_id
    assert Slow.twice == []


def test_identities_of_one_name_and_two_kinds_share_an_owner() -> None:
    kinds = frozenset({"A", "B"})
    rendezvous = Rendezvous(Member(f"m{i}", "h", 1 + i, kinds) for i in range(5))
    for name in NAMES:
        assert rendezvous.owner("A", name) == rendezvous.owner("B", name)
    assert rendezvous.owner("C", "x") is None
