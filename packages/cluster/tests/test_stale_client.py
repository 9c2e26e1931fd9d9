"""A client that hears of a member's death from the provider only, later than members."""

from __future__ import annotations

import asyncio

import pytest

from protoactor import NotDelivered
from protoactor_cluster import ClusterIdentity, Grain, PartitionLookup
from protoactor_testkit import Members

pytestmark = pytest.mark.virtual_time

LEASE = 60.0


class Counter(Grain):
    async def add(self) -> str:
        return self.cluster.member_id


async def test_an_identity_whose_dead_owner_the_client_still_sees_answers() -> None:
    loop = asyncio.get_running_loop()
    async with Members(ttl=LEASE) as members:
        await members.start(3, kinds=[Counter], failure_detection="fast")
        client = await members.connect()
        victim = members.alive[0]
        names = [f"c{number}" for number in range(60)]
        lookup = client.lookup
        assert isinstance(lookup, PartitionLookup)
        owned = [
            name
            for name in names
            if lookup.owner_of(ClusterIdentity("Counter", name))
            == victim.member_address
        ]
        assert len(owned) > 5
        await members.crash(victim)
        killed = loop.time()
        for name in owned:
            hosts = await client.grain(Counter, name, timeout=LEASE / 2).add()
            assert hosts != victim.member_id
        assert loop.time() - killed < 3.0, "as the profile promises"
        assert len(client.topology) == 3, "the client has not heard of it"


async def test_with_nobody_else_to_ask_it_still_ends_in_time() -> None:
    loop = asyncio.get_running_loop()
    async with Members(ttl=LEASE) as members:
        await members.start(1, kinds=[Counter])
        client = await members.connect()
        await members.crash(members.alive[0])
        began = loop.time()
        with pytest.raises(NotDelivered):
            await client.grain(Counter, "x", timeout=5.0).add()
        assert loop.time() - began < 5.1
