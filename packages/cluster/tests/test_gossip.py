"""What members publish to each other, through the public API."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import pytest
from google.protobuf.wrappers_pb2 import StringValue

from protoactor import PID
from protoactor_cluster import Cluster, Grain, NotAMember
from protoactor_cluster.wire import gossip_pb2
from protoactor_testkit import Members


class Echo(Grain):
    async def echo(self, text: str) -> str:
        return text


@dataclass(frozen=True)
class Load:
    cpu: float
    queue: int


async def test_values_spread_to_all_members(members: Members) -> None:
    everybody = await members.start(5, kinds=[Echo])
    for number, member in enumerate(everybody):
        member.gossip.set("load", Load(0.5, number))
        member.gossip.set("version", StringValue(value="1.0"))
    await asyncio.sleep(2.0)
    for member in everybody:
        loads = member.gossip.get("load", Load)
        assert {load.queue for load in loads.values()} == set(range(5))
        versions = member.gossip.get("version", StringValue)
        assert len(versions) == 5
        assert member.gossip.get("load", StringValue) == {}
        assert member.gossip.get("nothing", int) == {}


async def test_updates_are_iterated(members: Members) -> None:
    a, b = await members.start(2, kinds=[Echo])
    a.gossip.set("step", 0)
    seen: list[tuple[str, int]] = []

    async def follow() -> None:
        async for update in b.gossip.updates("step", int):
            seen.append(update)  # noqa: PERF401  # as they come, not when they end

    await asyncio.sleep(1.0)
    following = asyncio.create_task(follow())
    for step in (1, 2, 3):
        await asyncio.sleep(1.0)
        a.gossip.set("step", step)
        a.gossip.set("other", step)
    await asyncio.sleep(1.0)
    following.cancel()
    assert seen == [(a.member_id, step) for step in (0, 1, 2, 3)]


async def test_agreement_is_waited_for(members: Members) -> None:
    everybody = await members.start(3, kinds=[Echo])
    waiting = [
        asyncio.create_task(member.gossip.agreement("phase", str, timeout=20.0))
        for member in everybody
    ]
    for member in everybody[:2]:
        member.gossip.set("phase", "green")
    await asyncio.sleep(2.0)
    assert not any(task.done() for task in waiting)
    everybody[2].gossip.set("phase", "green")
    assert await asyncio.gather(*waiting) == ["green"] * 3
    everybody[0].gossip.set("phase", "red")
    await asyncio.sleep(1.0)
    with pytest.raises(TimeoutError):
        await everybody[1].gossip.agreement("phase", str, timeout=1.0)


async def test_what_a_member_said_is_forgotten_with_it(members: Members) -> None:
    a, b = await members.start(2, kinds=[Echo])
    b.gossip.set("load", 1)
    await asyncio.sleep(1.0)
    assert b.member_id in a.gossip.get("load", int)
    await members.leave(b)
    assert a.gossip.get("load", int) == {}


@pytest.mark.parametrize("key", ["topology", "heathbeat", "left", "reb:ready", "py:x"])
async def test_keys_of_the_cluster_are_reserved(members: Members, key: str) -> None:
    (a,) = await members.start(1, kinds=[Echo])
    with pytest.raises(ValueError, match="reserved"):
        a.gossip.set(key, 1)


async def test_a_value_that_is_too_large_is_refused(members: Members) -> None:
    (a,) = await members.start(1, kinds=[Echo])
    with pytest.raises(ValueError, match="too much"):
        a.gossip.set("load", "x" * 100_000)
    with pytest.raises(TypeError):
        a.gossip.set("load", object())


async def test_clients_take_no_part(members: Members) -> None:
    await members.start(1, kinds=[Echo])
    client = await members.connect()
    with pytest.raises(NotAMember):
        client.gossip.set("load", 1)


async def test_trap_37_what_was_lost_is_sent_again(members: Members) -> None:
    a, b = await members.start(2, kinds=[Echo])
    members.partition(a, b)
    a.gossip.set("load", 1)
    await asyncio.sleep(3.0)  # several requests have timed out
    assert b.gossip.get("load", int) == {}
    members.heal()
    await asyncio.sleep(1.0)
    assert b.gossip.get("load", int) == {a.member_id: 1}


def own_words(member: Cluster, key: str, sequence: int) -> gossip_pb2.GossipRequest:
    request = gossip_pb2.GossipRequest(member_id="somebody")
    value = request.state.members[member.member_id].values[key]
    value.sequence_number = sequence
    value.value.type_url = "type.googleapis.com/shop.Unknown"
    value.value.value = b"\xff\xff"
    return request


async def test_trap_37_an_echo_of_own_words_is_ignored(members: Members) -> None:
    a, b = await members.start(2, kinds=[Echo])
    a.gossip.set("load", 1)
    gossip = PID(a.member_address, "gossip")
    await b.system.request(
        gossip, own_words(a, "load", 1_000_000), returns=gossip_pb2.GossipResponse
    )
    assert a.gossip.get("load", int) == {a.member_id: 1}
    a.gossip.set("load", 2)
    await asyncio.sleep(1.0)
    assert b.gossip.get("load", int) == {a.member_id: 2}


async def test_trap_37_values_of_unknown_types_are_relayed(members: Members) -> None:
    a, b, c = await members.start(3, kinds=[Echo])
    gossip = PID(b.member_address, "gossip")
    await c.system.request(
        gossip, own_words(a, "theirs", 1_000_000), returns=gossip_pb2.GossipResponse
    )
    members.partition(a, [b, c])
    await asyncio.sleep(1.0)
    relayed = c.gossiper
    assert relayed is not None
    entry = relayed.state.get("theirs")[a.member_id]
    assert entry.value.type_url == "type.googleapis.com/shop.Unknown"
    assert entry.value.data == b"\xff\xff"
