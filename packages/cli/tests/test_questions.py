"""What the commands find out, with an in-memory cluster of several members."""

from __future__ import annotations

import io
from typing import Any

import pytest
from rich.console import Console

from protoactor_cli._doctor import doctor
from protoactor_cli._drain import drain
from protoactor_cli._explain import explain, where
from protoactor_cli._grains import grains
from protoactor_cli._look import Look
from protoactor_cli._members import members as show_members
from protoactor_cli._result import Result
from protoactor_cli._topology import topology
from protoactor_cluster import Cluster, ClusterError, ClusterIdentity, Grain
from protoactor_testkit import Members


class Counter(Grain):
    async def add(self, amount: int) -> int:
        return amount


class Idle(Grain):
    async def ping(self) -> None: ...


async def look_into(members: Members, count: int = 3, **options: Any) -> Look:
    options = {"introspection": True, **options}
    await members.start(count, kinds=[Counter, Idle], **options)
    client = await members.connect()
    await client.wait_for_members(5.0)
    return Look.through(client)


def text(result: Result) -> str:
    """What people see."""
    shown = io.StringIO()
    result.print(Console(file=shown, width=200), as_json=False)
    return shown.getvalue()


async def host_and_owner(
    members: Members, look: Look, name: str
) -> tuple[Cluster, Cluster]:
    host = members.host_of(Counter, name)
    owner = host.lookup.owner_of(ClusterIdentity("Counter", name))  # type: ignore[attr-defined]
    return host, next(it for it in members.alive if it.member_address == owner)


async def test_members_shows_state_and_activations(members: Members) -> None:
    look = await look_into(members)
    for name in "abcd":
        await members.alive[0].grain(Counter, name).add(1)
    result = await show_members(look)
    assert [row["state"] for row in result.data] == ["ready"] * 3
    counts = [row["report"]["activations"].get("Counter", 0) for row in result.data]
    assert sum(counts) == 4
    for member in members.alive:
        assert member.member_address in text(result)


async def test_a_member_that_is_not_told_to_answer_is_named(members: Members) -> None:
    look = await look_into(members, 2)
    (quiet,) = await members.start(1, kinds=[Counter])
    rows = (await show_members(look)).data
    (row,) = [row for row in rows if row["id"] == quiet.member_id]
    assert row["report"] is None
    assert "introspection is off" in row["problem"]


async def test_nobody_who_answers_is_an_error_that_says_so(members: Members) -> None:
    look = await look_into(members, 2, introspection=False)
    with pytest.raises(ClusterError, match="introspection is off"):
        await grains(look, "", "", 10)


async def test_grains_of_all_members_by_kind_part_and_number(members: Members) -> None:
    look = await look_into(members)
    for number in range(30):
        await members.alive[0].grain(Counter, f"c{number:02}").add(1)
    await members.alive[0].grain(Idle, "c00").ping()
    every = await grains(look, "", "", 0)
    assert every.data["total"] == len(every.data["activations"]) == 31
    some = await grains(look, "Counter", "c1", 5)
    assert some.data["total"] == 30
    assert len(some.data["activations"]) == 5
    assert all(it["name"].startswith("c1") for it in some.data["activations"])
    assert "5 shown, 30 active" in text(some)


async def test_pages_are_followed_to_the_end(members: Members) -> None:
    look = await look_into(members, 1)
    for number in range(1100):
        await members.alive[0].grain(Counter, str(number)).add(1)
    every = await grains(look, "Counter", "", 0)
    assert len({it["name"] for it in every.data["activations"]}) == 1100


async def test_where_names_the_host(members: Members) -> None:
    look = await look_into(members)
    await members.alive[0].grain(Counter, "x").add(1)
    result = await where(look, ClusterIdentity("Counter", "x"))
    assert text(result).strip() == members.host_of(Counter, "x").member_address
    assert result.code == 0
    nowhere = await where(look, ClusterIdentity("Counter", "y"))
    assert (nowhere.code, nowhere.data["hosts"]) == (1, [])


async def test_explain_names_owner_host_since_topology_and_span(
    members: Members,
) -> None:
    look = await look_into(members)
    await members.alive[0].grain(Counter, "x").add(1)
    host, owner = await host_and_owner(members, look, "x")
    result = await explain(look, ClusterIdentity("Counter", "x"))
    shown, (lives,) = text(result), result.data["hosts"]
    assert result.data["owner"] == owner.member_address
    assert lives["address"] == host.member_address
    assert result.data["known_to_owner"] == lives["pid"]
    assert f"owner   {owner.member_address} ({owner.member_id})" in shown
    assert f"host    {host.member_address} ({host.member_id})" in shown
    assert "ago; active, 0 messages wait, last add" in shown
    assert f"under topology {host.topology.id}" in shown
    assert f"at the request of {owner.member_address}" in shown
    span, trace = lives["started_in"]["span_id"], lives["started_in"]["trace_id"]
    assert f"activation.start {span} in trace {trace}" in shown


async def test_explain_says_that_it_stayed_when_others_joined(members: Members) -> None:
    look = await look_into(members)
    await members.alive[0].grain(Counter, "x").add(1)
    await members.start(1, kinds=[Counter], introspection=True)
    version = members.alive[0].topology.version
    result = await explain(look, ClusterIdentity("Counter", "x"))
    assert f"it stayed when the topology became {version}" in text(result)


async def test_explain_of_what_lives_nowhere_says_who_would_place_it(
    members: Members,
) -> None:
    look = await look_into(members)
    result = await explain(look, ClusterIdentity("Counter", "nobody"))
    assert result.code == 1
    assert f"the next call lets {result.data['owner']} place it" in text(result)


async def test_explain_where_the_owner_does_not_answer(members: Members) -> None:
    look = await look_into(members, 1)
    (quiet,) = await members.start(1)
    names = (str(number) for number in range(1000))
    lookup: Any = members.alive[0].lookup
    name = next(
        it
        for it in names
        if lookup.owner_of(ClusterIdentity("Counter", it)) == quiet.member_address
    )
    result = await explain(look, ClusterIdentity("Counter", name))
    assert f"{quiet.member_address}, which does not answer" in text(result)
    assert "introspection is off" in text(result)


async def test_topology_shows_views_and_shares(members: Members) -> None:
    look = await look_into(members)
    result = await topology(look)
    assert (result.code, result.data["agree"]) == (0, True)
    assert sum(result.data["shares"].values()) == pytest.approx(1.0)
    assert all(share > 0 for share in result.data["shares"].values())
    assert "all that answer agree" in text(result)


async def test_drain_waits_until_the_member_has_left(members: Members) -> None:
    look = await look_into(members)
    first, second, third = members.alive
    for number in range(20):
        await first.grain(Counter, str(number)).add(1)
    result = await drain(look, third.member_id[:8], 30.0)
    assert result.code == 0
    assert "has left within" in text(result)
    await third.left.wait()
    assert third.member_id not in look.cluster.topology
    await members.leave(third)
    assert [await second.grain(Counter, str(n)).add(n) for n in range(20)] == [
        *range(20)
    ]


async def test_drain_of_somebody_unknown_lists_who_is_there(members: Members) -> None:
    look = await look_into(members, 2)
    with pytest.raises(ClusterError, match="no member 'nobody'") as caught:
        await drain(look, "nobody", 1.0)
    assert members.alive[0].member_address in str(caught.value)


async def test_drain_where_introspection_is_off(members: Members) -> None:
    look = await look_into(members, 1, introspection=False)
    with pytest.raises(ClusterError, match="introspection is off"):
        await drain(look, members.alive[0].member_address, 1.0)


async def test_doctor_finds_nothing_wrong_with_a_healthy_cluster(
    members: Members,
) -> None:
    look = await look_into(members)
    result = await doctor(look)
    assert (result.code, result.data) == (0, {"well": True, "findings": []})
    assert "3 of 3 members answered: the cluster is well" in text(result)


async def test_doctor_names_who_cannot_be_reached(members: Members) -> None:
    look = await look_into(members)
    gone = members.alive[2]
    members.network.reset(look.cluster.member_address, gone.member_address)
    result = await doctor(look)
    (finding,) = result.data["findings"]
    assert (result.code, finding["check"]) == (1, "reachable")
    assert gone.member_address in finding["text"]
    assert finding["advice"]


async def test_doctor_says_where_introspection_is_off(members: Members) -> None:
    look = await look_into(members, 2)
    (quiet,) = await members.start(1, kinds=[Counter])
    result = await doctor(look)
    (finding,) = result.data["findings"]
    assert (result.code, finding["check"]) == (0, "introspection")
    assert quiet.member_address in finding["text"]
