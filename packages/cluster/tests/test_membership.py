"""Who is in the cluster, as every member and client comes to see it."""

from __future__ import annotations

import asyncio
import time
from contextlib import AsyncExitStack
from dataclasses import replace
from functools import partial

import pytest

from protoactor import ActorSystem, NotDelivered
from protoactor_cluster import (
    Cluster,
    Evicted,
    Grain,
    MemberSuspected,
    NotAMember,
    Rejoined,
    TopologyChanged,
)
from protoactor_cluster.memory_provider import MemoryBackend, MemoryProvider
from protoactor_remote import Remote
from protoactor_remote.memory import Network
from protoactor_testkit import Members


class Echo(Grain, idle_timeout=0.0):
    def __init__(self) -> None:
        self._calls = 0

    async def where(self) -> str:
        self._calls += 1
        return self.cluster.member_id

    async def calls(self) -> int:
        return self._calls


class Other(Grain):
    async def use(self) -> str:
        return "used"


def ids(cluster: Cluster) -> set[str]:
    return {member.id for member in cluster.topology.members}


def changes_of(cluster: Cluster) -> list[TopologyChanged]:
    changes: list[TopologyChanged] = []
    cluster.system.events.subscribe(changes.append, TopologyChanged)
    return changes


async def spread(caller: Cluster, count: int = 30) -> list[str]:
    """Activate some; returns their names."""
    names = [str(number) for number in range(count)]
    for name in names:
        await caller.grain(Echo, name).where()
    return names


# -- who sees whom


async def test_trap_01_a_view_that_lacks_a_member_drops_it_and_the_member_learns_it(
    members: Members,
) -> None:
    a, b, c = await members.start(3, kinds=[Echo])
    names = await spread(c)
    former = b.member_id
    members.service.hide(former, viewer=a.member_id)  # c and the service see it still
    evicted = await b.system.events.first(Evicted, timeout=3.0)
    assert evicted.member_id == former
    assert b.activations == 0 or not b.ready
    await b.system.events.first(Rejoined, timeout=20.0)
    members.service.show(former, viewer=a.member_id)
    await members.agree()
    assert former not in ids(a) | ids(c)
    homes = [await a.grain(Echo, name).where() for name in names]
    assert set(homes) <= ids(a)


async def test_trap_02_a_restart_on_the_same_address_is_another_member(
    members: Members,
) -> None:
    a, _ = await members.start(2, kinds=[Echo])
    (old,) = await members.start(1, kinds=[Echo], port=50_000)
    former, address = old.member_id, old.member_address
    names = await spread(a)
    mine = [name for name in names if old.activation("Echo", name)]
    changes = changes_of(a)
    await members.crash(old)
    (new,) = await members.start(1, kinds=[Echo], port=50_000)
    assert (new.member_address, new.member_id == former) == (address, False)
    assert former in {member.id for change in changes for member in change.left}
    assert ids(a) == {member.member_id for member in members.alive}
    for name in mine:  # what was learned of the old process is not believed
        assert await a.grain(Echo, name, retries=0).where() in ids(a)
        assert await a.grain(Echo, name).calls() == 1
    pid = await a.get("Echo", mine[0])
    await asyncio.sleep(30.0)  # no late news of the old process touch the new one
    assert await a.get("Echo", mine[0]) == pid
    assert ids(a) == {member.member_id for member in members.alive}


async def test_trap_03_of_two_processes_on_one_address_the_later_one_counts(
    members: Members,
) -> None:
    members.service.allow_duplicates()
    (a,) = await members.start(1, kinds=[Echo])
    (old,) = await members.start(1, kinds=[Echo], port=50_000)
    former = old.member_id
    changes = changes_of(a)
    await members.crash(old)
    (new,) = await members.start(1, kinds=[Echo], port=50_000, settle=False)
    assert former in {it.id for it in members.service.members(members.name)}
    assert ids(a) == {a.member_id, new.member_id}
    assert [len(change.current) for change in changes] == [2]
    await members.agree()
    homes = [await a.grain(Echo, str(n)).where() for n in range(20)]
    assert homes.count(new.member_id) in range(8, 13), "it is one of two, not of three"


async def test_trap_05_changed_kinds_are_a_change(members: Members) -> None:
    a, b = await members.start(2, kinds=[Echo])
    changes = changes_of(a)
    (record,) = (m for m in a.topology.members if m.id == b.member_id)
    renamed = replace(record, kinds=frozenset({"Echo", "More"}), port=1)
    async with MemoryProvider(members.service).join(members.name, renamed):
        await asyncio.sleep(0.1)
        (change,) = changes
        (updated,) = change.updated
        assert updated.kinds == renamed.kinds
        assert updated.address == record.address, "an id keeps its address"
        assert change.joined == change.left == ()
    assert a.settled


async def test_trap_15_one_member_owns_and_hosts_everything(members: Members) -> None:
    (alone,) = await members.start(1, kinds=[Echo])
    client = await members.connect()
    names = await spread(client)
    assert alone.activations == len(names)
    assert {await client.grain(Echo, name).where() for name in names} == ids(alone)


# -- silence


async def test_trap_06_a_member_that_slept_for_a_minute_blames_nobody(
    members: Members,
) -> None:
    a, b, c = await members.start(3, kinds=[Echo])
    names = await spread(a)
    suspected: list[MemberSuspected] = []
    former = {b.member_id, c.member_id}
    for cluster in (a, b, c):
        cluster.system.events.subscribe(suspected.append, MemberSuspected)
    members.freeze(a)
    await asyncio.sleep(60.0)
    suspected.clear()
    members.thaw(a)
    await a.system.events.first(Rejoined, timeout=20.0)
    await members.agree()
    assert suspected == []
    assert ids(b) == {a.member_id, *former}
    for name in names:
        await a.grain(Echo, name).where()


async def test_trap_07_a_silent_member_is_removed_although_the_provider_lists_it(
    members: Members,
) -> None:
    clusters = await members.start(3, kinds=[Echo], failure_detection="fast")
    a, b, c = clusters
    names = await spread(a)
    former = c.member_id
    listed: list[bool] = []

    def note(change: TopologyChanged) -> None:
        known = members.service.members(members.name)
        listed.append(former in {member.id for member in known})

    a.system.events.subscribe(note, TopologyChanged)
    members.partition(c, [a, b])
    suspicion = await a.system.events.first(MemberSuspected, timeout=5.0)
    assert suspicion.member.id == former
    await a.system.events.first(TopologyChanged, timeout=5.0)
    assert listed[:1] == [True], "the provider still lists it"
    assert former not in ids(a)
    for name in names:
        assert await a.grain(Echo, name).where() in ids(a)
    members.heal()
    await c.system.events.first(Rejoined, timeout=30.0)
    await members.agree()
    assert former not in ids(a)


async def test_one_member_alone_removes_nobody(members: Members) -> None:
    clusters = await members.start(4, kinds=[Echo], failure_detection="fast")
    members.network.partition(clusters[0].member_address, clusters[1].member_address)
    changes = [changes_of(cluster) for cluster in clusters]
    await asyncio.sleep(60.0)
    assert changes == [[], [], [], []], "others hear of both of them"


# -- clients


async def test_trap_11_a_client_is_no_member(members: Members) -> None:
    client = await members.connect()
    call = asyncio.create_task(client.grain(Echo, "x").where())
    await asyncio.sleep(2.0)  # it waits for the first member until its deadline
    a, b = await members.start(2, kinds=[Echo])
    assert await call in ids(a)
    assert client.system.id not in ids(a) | ids(b) | ids(client)
    await spread(client)
    assert client.activations == 0
    with pytest.raises(NotAMember):
        _ = client.gossip
    await members.leave(client)
    other = await members.connect()
    with pytest.raises(NotDelivered, match="hosts kind 'Other'"):
        await other.grain(Other, "x").use()


async def test_trap_11_a_client_leaves_although_nobody_can_be_reached(
    members: Members,
) -> None:
    a, b = await members.start(2, kinds=[Echo])
    client = await members.connect()
    await client.grain(Echo, "x").where()
    members.partition(client, [a, b])
    members.service.stop()
    async with asyncio.timeout(15.0):
        await members.leave(client)


# -- several clusters


@pytest.mark.virtual_time
async def test_trap_12_clusters_in_one_process_share_nothing() -> None:
    """The same code, kinds and names, on one network and one membership service."""
    network, backend = Network(delay=0.001), MemoryBackend(ttl=2.0)
    async with AsyncExitStack() as stack:
        clusters: list[Cluster] = []
        for name in ("one", "one", "other", "other"):
            system = await stack.enter_async_context(ActorSystem(stall_warning=None))
            remote = Remote(system, transport=network.transport())
            await stack.enter_async_context(remote)
            provider = MemoryProvider(backend)
            cluster = Cluster(remote, name, provider=provider, kinds=[Echo])
            clusters.append(await stack.enter_async_context(cluster))
        await asyncio.sleep(5.0)
        one, same, other, _ = clusters
        assert ids(one) == {one.member_id, same.member_id}
        for number in range(10):
            await one.grain(Echo, str(number)).where()
            assert await same.grain(Echo, str(number)).calls() == 1
            assert await other.grain(Echo, str(number)).calls() == 0
        await stack.pop_all().aclose()
        assert backend.members("one") == backend.members("other") == ()


@pytest.mark.parametrize("other_name", ["test-2", "tes", "test/", "test/2", "/test"])
async def test_trap_13_names_that_resemble_each_other_do_not_mix(
    members: Members, other_name: str
) -> None:
    async with Members(name=other_name) as others:
        others.service, others.network = members.service, members.network
        (a,) = await members.start(1, kinds=[Echo])
        (b,) = await others.start(1, kinds=[Echo])
        assert await a.grain(Echo, "x").where() == a.member_id
        assert await b.grain(Echo, "x").where() == b.member_id
        assert (len(a.topology), len(b.topology)) == (1, 1)


@pytest.mark.virtual_time
@pytest.mark.parametrize(
    ("host", "advertised", "address"),
    [
        ("::1", None, "[::1]:50001"),
        ("0.0.0.0", "grain.example.org", "grain.example.org:50001"),
        ("127.0.0.1", "[2001:db8::7]:9", "[2001:db8::7]:9"),
        ("localhost", None, "localhost:50001"),
    ],
)
async def test_trap_14_a_member_is_called_by_the_address_in_its_pids(
    host: str, advertised: str | None, address: str
) -> None:
    network, backend = Network(), MemoryBackend()
    async with ActorSystem(stall_warning=None) as system:
        remote = Remote(
            system,
            host=host,
            port=50_001,
            advertised=advertised,
            transport=network.transport(),
        )
        cluster = Cluster(
            remote, "test", provider=MemoryProvider(backend), kinds=[Echo]
        )
        async with remote, cluster:
            (member,) = backend.members("test")
            pid = await cluster.get("Echo", "x")
            assert member.address == pid.address == cluster.member_address == address


# -- what handlers and clocks can do


async def test_trap_42_what_a_subscriber_does_harms_no_other(
    members: Members,
) -> None:
    a, b = await members.start(2, kinds=[Echo])
    seen: list[int] = []

    def raises(change: TopologyChanged) -> None:
        raise ValueError("a subscriber's bug")

    def calls_back(change: TopologyChanged) -> None:
        assert a.topology is change.current, "who asks sees what is announced"
        a.session.suspect(frozenset({b.member_id}))
        a.session.block(["nobody"], "asked to")
        calls.append(asyncio.ensure_future(a.grain(Echo, "x").where()))

    def notes(change: TopologyChanged) -> None:
        seen.append(len(change.current))

    calls: list[asyncio.Future[str]] = []
    for subscriber in (raises, calls_back, notes):
        a.system.events.subscribe(subscriber, TopologyChanged)
    await members.start(1, kinds=[Echo])
    assert seen == [3]
    assert set(await asyncio.gather(*calls)) <= ids(a)


async def test_trap_43_jumps_of_the_wall_clock_have_no_effect(
    members: Members, monkeypatch: pytest.MonkeyPatch
) -> None:
    a, b, _ = await members.start(3, kinds=[Echo], failure_detection="fast")
    names = await spread(a)
    changes = [changes_of(cluster) for cluster in members.alive]
    real = time.time

    def jumped(by: float) -> float:
        return real() + by

    for offset in (3600.0, -3600.0, 1e9, 0.0):
        monkeypatch.setattr(time, "time", partial(jumped, offset))
        await asyncio.sleep(20.0)
        call = b.grain(Echo, names[0], timeout=1.0).where()
        assert await call in ids(a)
    assert changes == [[], [], []]
    for number, name in enumerate(names):
        assert await b.grain(Echo, name).calls() == (1 if number else 5)
