"""What gossip costs, counted in virtual time: news travel once, not once per member."""

from __future__ import annotations

import asyncio

from protoactor_cluster import Cluster, Grain
from protoactor_testkit import Members

COUNT = 16
CALM = 10.0
"""Seconds after which everybody has heard everything."""
LARGE = 10_000


class Echo(Grain):
    async def echo(self, text: str) -> str:
        return text


async def sent_meanwhile(everybody: list[Cluster]) -> int:
    """Bytes of gossip that these members send during the next ten seconds."""
    before = sum(member.statistics.gossip_sent_bytes for member in everybody)
    await asyncio.sleep(CALM)
    return sum(member.statistics.gossip_sent_bytes for member in everybody) - before


async def test_a_join_costs_what_has_changed(members: Members) -> None:
    everybody = await members.start(COUNT, kinds=[Echo])
    await asyncio.sleep(CALM)
    idle = await sent_meanwhile(everybody)
    joining = asyncio.create_task(members.start(1, kinds=[Echo]))
    joined = await sent_meanwhile(everybody)
    await joining
    # its topology, and that it is ready: two small values of each for each other
    assert (joined - idle) / COUNT**2 < 3000


async def test_a_value_travels_once_to_every_member(members: Members) -> None:
    everybody = await members.start(COUNT, kinds=[Echo])
    await asyncio.sleep(CALM)
    idle = await sent_meanwhile(everybody)
    everybody[0].gossip.set("text", "x" * LARGE)
    told = await sent_meanwhile(everybody)
    assert all(len(it.gossip.get("text", str)) == 1 for it in everybody)
    assert (told - idle) / LARGE < 3 * COUNT


async def test_others_help_a_member_that_cannot_tell_it_itself(
    members: Members,
) -> None:
    a, b, c = await members.start(3, kinds=[Echo])
    await asyncio.sleep(CALM)
    members.partition(a, c)
    a.gossip.set("text", "hello")
    await asyncio.sleep(CALM)
    assert c.gossip.get("text", str) == {a.member_id: "hello"}
    assert b.gossip.get("text", str) == {a.member_id: "hello"}


async def test_a_member_that_was_away_is_soon_told_what_it_missed(
    members: Members,
) -> None:
    everybody = await members.start(COUNT, kinds=[Echo])
    await asyncio.sleep(CALM)
    *others, away = everybody
    for member in others:
        members.network.reset(away.member_address, member.member_address)
    for member in others:
        member.gossip.set("text", "hello")
    await asyncio.sleep(0.9)  # what was under way has failed
    members.heal()
    await asyncio.sleep(1.1)  # before others would help, everybody has tried again
    assert away.gossip.get("text", str).keys() == {it.member_id for it in others}
