"""Calls while ownership moves: slow members, dead ones, views that differ."""

from __future__ import annotations

import asyncio
from collections import Counter
from functools import partial

import pytest

from protoactor_cluster import (
    Cluster,
    ClusterIdentity,
    DuplicateActivation,
    Evicted,
    Grain,
    HandoverCompleted,
    NotPlaced,
    PartitionLookup,
    RebalanceIncomplete,
    Rejoined,
)
from protoactor_cluster.handover import HandoverTimeouts
from protoactor_cluster.memory_provider import MemoryProvider
from protoactor_testkit import Members

PORT = 50_000
NEWCOMER = f"127.0.0.1:{PORT}"
NAMES = [str(number) for number in range(60)]


class Counting(Grain, idle_timeout=0.0):
    starts: Counter[str]

    def __init__(self) -> None:
        self._total = 0

    async def on_activate(self) -> None:
        self.starts[self.identity.name] += 1

    async def add(self) -> int:
        self._total += 1
        return self._total


@pytest.fixture(autouse=True)
def starts() -> Counter[str]:
    Counting.starts = Counter()
    return Counting.starts


def owned_by(cluster: Cluster, names: list[str] = NAMES) -> list[str]:
    """Those of the names that this member owns as it sees it."""
    owners = [cluster.lookup.owner_actor(ClusterIdentity("Counting", n)) for n in names]
    return [
        name
        for name, owner in zip(names, owners, strict=True)
        if owner is not None and owner.address == cluster.member_address
    ]


async def call_all(caller: Cluster, names: list[str] = NAMES) -> list[int]:
    return await asyncio.gather(*(caller.grain(Counting, name).add() for name in names))


def virtual_time() -> float:
    return asyncio.get_running_loop().time()


@pytest.mark.parametrize("change", ["join", "leave", "crash"])
async def test_trap_18_calls_during_a_change_are_answered_by_who_lives(
    members: Members, starts: Counter[str], change: str
) -> None:
    clusters = await members.start(4, kinds=[Counting])
    client = await members.connect()
    await call_all(client)
    victim = clusters[3]
    calls = [asyncio.create_task(call_all(it)) for it in (client, *clusters[:3])]
    match change:
        case "join":
            await members.start(1, kinds=[Counting], settle=False)
        case "leave":
            await members.leave(victim)
        case _:
            await members.crash(victim)
    calls += [asyncio.create_task(call_all(it)) for it in (client, *clusters[:3])]
    outcomes = await asyncio.gather(*calls, return_exceptions=change == "crash")
    await members.agree()
    alive = {member.member_address for member in members.alive}
    for name in NAMES:
        assert (await client.get("Counting", name)).address in alive
    if change == "join":
        assert set(starts.values()) == {1}
        rows = [row for row in outcomes if isinstance(row, list)]
        for totals in zip(*rows, strict=True):
            assert sorted(totals) == list(range(2, 10))


async def test_trap_18_a_call_waits_for_a_hand_over_no_longer_than_its_deadline(
    members: Members,
) -> None:
    a, b, c = await members.start(3, kinds=[Counting])
    members.network.partition(NEWCOMER, b.member_address)
    (newcomer,) = await members.start(1, kinds=[Counting], port=PORT, settle=False)
    await asyncio.sleep(1.0)
    assert not newcomer.settled
    (name, *_) = owned_by(newcomer)
    for caller in (a, c):
        before = virtual_time()
        with pytest.raises(NotPlaced):
            await caller.grain(Counting, name, timeout=1.0).add()
        assert virtual_time() - before <= 1.02


async def test_trap_19_known_identities_are_answered_while_a_slow_member_hands_over(
    members: Members, starts: Counter[str]
) -> None:
    clusters = await members.start(3, kinds=[Counting])
    slow = clusters[1]
    await call_all(clusters[0])
    kept = {name: it for it in clusters for name in owned_by(it)}
    members.network.partition(NEWCOMER, slow.member_address)
    (newcomer,) = await members.start(1, kinds=[Counting], port=PORT, settle=False)
    await asyncio.sleep(1.0)
    moved = owned_by(newcomer)
    known = [name for name in kept if name not in moved]
    waiting = asyncio.create_task(call_all(clusters[0], moved))
    fresh = await members.connect()  # it has no PID of anybody
    before = virtual_time()
    assert await call_all(fresh, known) == [2] * len(known)
    assert virtual_time() - before < 0.5
    # a second change in between begins the hand-over anew, and nobody is forgotten
    await members.start(1, kinds=[Counting], settle=False)
    unknown = asyncio.create_task(call_all(fresh, moved))
    await asyncio.sleep(3.0)
    members.heal()
    totals = zip(await waiting, await unknown, strict=True)
    assert {tuple(sorted(pair)) for pair in totals} == {(2, 3)}
    assert set(starts.values()) == {1}


async def test_trap_20_a_member_that_dies_in_the_middle_of_a_hand_over(
    members: Members, starts: Counter[str]
) -> None:
    clusters = await members.start(3, kinds=[Counting])
    client = await members.connect()
    await call_all(client)
    victim = clusters[1]
    lost = [name for name in NAMES if victim.activation("Counting", name)]
    members.network.partition(NEWCOMER, victim.member_address)
    (newcomer,) = await members.start(1, kinds=[Counting], port=PORT, settle=False)
    incomplete: list[RebalanceIncomplete] = []
    newcomer.system.events.subscribe(incomplete.append, RebalanceIncomplete)
    await asyncio.sleep(1.0)
    assert not newcomer.settled
    await members.crash(victim)
    await members.agree()
    assert incomplete == []
    fresh = await members.connect()
    for _ in range(2):
        await call_all(fresh)
    assert {starts[name] for name in lost} == {2}
    assert {starts[name] for name in NAMES if name not in lost} == {1}


async def test_trap_22_owners_that_disagree_do_not_pass_a_request_round(
    members: Members,
) -> None:
    """One hop, then it is refused, and the caller tries again until they agree."""
    a, b, c = await members.start(3, kinds=[Counting])
    for viewer in (a, b):
        members.service.delay(viewer.member_id, 3600.0)  # these two miss the fourth
    members.network.partition(NEWCOMER, a.member_address)
    members.network.partition(NEWCOMER, b.member_address)
    (d,) = await members.start(1, kinds=[Counting], port=PORT, settle=False)
    assert [len(it.topology) for it in (a, b, c, d)] == [3, 3, 4, 4]
    moved = [name for name in owned_by(d) if name in [*owned_by(a), *owned_by(b)]]
    assert moved
    before = virtual_time()
    calls = (c.grain(Counting, name, timeout=2.0).add() for name in moved)
    outcomes = await asyncio.gather(*calls, return_exceptions=True)
    assert virtual_time() - before <= 2.02
    assert {type(outcome) for outcome in outcomes} <= {int, NotPlaced}
    for viewer in (a, b):
        members.service.delay(viewer.member_id, 0.0)
    members.heal()
    (last,) = await members.start(1, kinds=[Counting])
    assert all(await call_all(last, moved))


HASTY = partial(PartitionLookup, HandoverTimeouts(barrier=1.0, answers=1.0))


async def test_what_is_not_sure_any_more_is_named(members: Members) -> None:
    """The hand-over goes on without a member's word: that is said, with the names."""
    clusters = await members.start(3, kinds=[Counting], lookup=HASTY)
    await call_all(clusters[0])
    silent = clusters[1]
    members.network.partition(NEWCOMER, silent.member_address)
    (newcomer,) = await members.start(
        1, kinds=[Counting], lookup=HASTY, port=PORT, settle=False
    )
    events: list[RebalanceIncomplete] = []
    completed: list[HandoverCompleted] = []
    newcomer.system.events.subscribe(events.append, RebalanceIncomplete)
    newcomer.system.events.subscribe(completed.append, HandoverCompleted)
    moved = owned_by(newcomer)
    asked = asyncio.create_task(call_all(clusters[0], moved))
    await asyncio.sleep(5.0)
    (event,) = (event for event in events if event.unanswered)
    assert [member.id for member in event.unanswered] == [silent.member_id]
    assert event.topology == newcomer.topology
    assert {identity.name for identity in event.waiting} <= set(moved)
    assert completed == []
    members.heal()
    await asked
    await members.agree()
    assert [it.topology for it in completed] == [newcomer.topology]


class NoArbiter(MemoryProvider):
    """As members that only ping each other: absence may be a broken network."""

    has_arbiter = False


@pytest.mark.virtual_time
@pytest.mark.parametrize("larger", [2, 3])
async def test_when_a_split_heals_one_side_stays_and_the_other_rejoins(
    starts: Counter[str], larger: int
) -> None:
    async with Members(provider=NoArbiter) as members:
        clusters = await members.start(larger + 2, kinds=[Counting])
        await call_all(clusters[0])
        # on a tie the side with the lowest id stays, else the larger one
        sides = (clusters[:2], clusters[2:])
        staying, yielding = sides if larger == 2 else sides[::-1]
        former = [[it.member_id for it in side] for side in (staying, yielding)]
        evictions: list[Evicted] = []
        for cluster in clusters:
            cluster.system.events.subscribe(evictions.append, Evicted)
        members.partition(*sides)
        members.service.partition(*former)
        await asyncio.sleep(30.0)
        for side in sides:
            assert all(await call_all(side[0])), "both sides go on"
            assert len(side[0].topology) == len(side)
        assert evictions == [], "unreachable is not evicted"
        members.heal()
        members.service.heal()
        healed = virtual_time()
        for cluster in yielding:
            if cluster.member_id in former[1]:
                await cluster.system.events.first(Rejoined, timeout=10.0)
        await members.agree()
        assert virtual_time() - healed <= 10.0
        assert sorted(it.member_id for it in evictions) == sorted(former[1])
        assert [it.member_id for it in staying] == former[0]
        rows = [await call_all(member) for member in clusters]
        for totals in zip(*rows, strict=True):
            first = totals[0]
            assert list(totals) == list(range(first, first + len(clusters)))


@pytest.mark.virtual_time
async def test_when_views_agree_again_one_of_two_activations_is_kept(
    starts: Counter[str],
) -> None:
    """A and C lose sight of each other, B sees both: nobody yields."""
    async with Members(provider=NoArbiter) as members:
        a, b, c = await members.start(3, kinds=[Counting], lookup=HASTY)
        duplicates: list[DuplicateActivation] = []
        for cluster in (a, b, c):
            cluster.system.events.subscribe(duplicates.append, DuplicateActivation)
        await call_all(a)
        members.partition(a, c)
        members.service.hide(a.member_id, viewer=c.member_id)
        members.service.hide(c.member_id, viewer=a.member_id)
        await asyncio.sleep(10.0)
        for cluster in (a, b, c):
            calls = (cluster.grain(Counting, n, timeout=9.0).add() for n in NAMES)
            await asyncio.gather(*calls, return_exceptions=True)
        twice = {name for name in NAMES if starts[name] > 1}
        assert twice, "views differ: there may be two"
        members.service.show(a.member_id, viewer=c.member_id)
        members.service.show(c.member_id, viewer=a.member_id)
        members.heal()
        await members.agree()
        await asyncio.sleep(5.0)
        homes = {
            name: [it for it in (a, b, c) if it.activation("Counting", name)]
            for name in NAMES
        }
        assert {len(hosts) for hosts in homes.values()} <= {0, 1}
        assert {it.identity.name for it in duplicates} <= twice
        assert duplicates
        rows = [await call_all(cluster) for cluster in (a, b, c)]
        for totals in zip(*rows, strict=True):
            assert list(totals) == list(range(totals[0], totals[0] + 3))
