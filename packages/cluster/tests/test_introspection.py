"""What members tell about themselves, where they were told to."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from opentelemetry.sdk.trace import TracerProvider

from protoactor_cluster import (
    DistHashLookup,
    Grain,
    Inspector,
    Introspection,
)
from protoactor_cluster.introspection._service import SERVICE
from protoactor_cluster.wire import introspection_pb2 as wire
from protoactor_remote import CallRefused, NotOffered
from protoactor_testkit import Members


class Counter(Grain):
    def __init__(self) -> None:
        self._total = 0

    async def add(self, amount: int) -> int:
        self._total += amount
        return self._total

    async def wait(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    async def fail(self) -> None:
        raise RuntimeError("on purpose")


class Idle(Grain):
    async def ping(self) -> None: ...


async def cluster_of(members: Members, count: int = 3, **options: Any) -> Inspector:
    """Members that may be looked into, and a client that looks."""
    options = {"introspection": True, **options}
    await members.start(count, kinds=[Counter, Idle], **options)
    return Inspector((await members.connect()).remote)


async def explain_everywhere(
    members: Members, inspector: Inspector, name: str
) -> dict[str, wire.Explanation]:
    return {
        it.member_address: await inspector.explain(it.member_address, "Counter", name)
        for it in members.alive
    }


async def test_it_is_off_unless_asked_for(members: Members) -> None:
    (quiet,) = await members.start(1, kinds=[Counter])
    client = await members.connect()
    with pytest.raises(NotOffered, match="does not offer"):
        await Inspector(client.remote).report(quiet.member_address)
    assert quiet.observer is None


async def test_a_report_says_who_it_is_and_whom_it_sees(members: Members) -> None:
    inspector = await cluster_of(members)
    first = members.alive[0]
    for name in "abcdefgh":
        await first.grain(Counter, name).add(1)
    reports = [await inspector.report(it.member_address) for it in members.alive]
    assert [it.member.id for it in reports] == [it.member_id for it in members.alive]
    assert {it.topology.version for it in reports} == {first.topology.version}
    assert [len(it.topology.members) for it in reports] == [3, 3, 3]
    assert sum(it.activations["Counter"] for it in reports) == 8
    assert reports[0].member.kinds == ["Counter", "Idle"]
    assert reports[0].versions["protoactor-cluster"]
    assert reports[0].ready and reports[0].settled and not reports[0].leaving


async def test_activations_come_in_pages_with_age_queue_and_last_message(
    members: Members,
) -> None:
    inspector = await cluster_of(members, 1)
    (member,) = members.alive
    for number in range(25):
        await member.grain(Counter, f"c{number:02}").add(1)
    await member.grain(Idle, "c99").ping()
    await asyncio.sleep(7.0)
    await member.grain(Counter, "c03").add(1)
    seen: list[wire.Activation] = []
    after, pages = 0, 0
    while True:
        page = await inspector.activations(member.member_address, after=after, limit=10)
        seen.extend(page.activations)
        pages += 1
        if not (after := page.next):
            break
    assert pages == 3
    assert [it.name for it in seen] == [*(f"c{n:02}" for n in range(25)), "c99"]
    third = seen[3]
    assert (third.last_message, third.state, third.queued) == ("add", "active", 0)
    assert third.age >= 7.0 > third.idle
    assert seen[4].idle >= 7.0
    assert third.placed_by == member.member_id
    assert third.topology_version == member.topology.version


async def test_activations_are_found_by_kind_and_part_of_the_name(
    members: Members,
) -> None:
    inspector = await cluster_of(members, 1)
    (member,) = members.alive
    for name in ("left/1", "left/2", "right/1"):
        await member.grain(Counter, name).add(1)
    await member.grain(Idle, "left/1").ping()
    page = await inspector.activations(
        member.member_address, kind="Counter", contains="left/"
    )
    assert [it.name for it in page.activations] == ["left/1", "left/2"]
    assert page.next == 0


async def test_messages_that_wait_are_counted(members: Members) -> None:
    inspector = await cluster_of(members, 1)
    (member,) = members.alive
    grain = member.grain(Counter, "busy")
    calls = [asyncio.create_task(grain.wait(1.0)) for _ in range(4)]
    await asyncio.sleep(0.5)
    page = await inspector.activations(member.member_address)
    assert [(it.name, it.queued, it.last_message) for it in page.activations] == [
        ("busy", 3, "wait")
    ]
    await asyncio.gather(*calls)


async def test_explain_names_owner_host_topology_and_span(members: Members) -> None:
    inspector = await cluster_of(members)
    caller = members.alive[0]
    await caller.grain(Counter, "x").add(1)
    host = members.host_of(Counter, "x")
    told = await explain_everywhere(members, inspector, "x")
    (owner,) = {it.owner for it in told.values()}
    assert told[owner].known_host == host.member_id
    assert told[owner].known_pid == str(host.activation("Counter", "x"))
    lives = told[host.member_address].activation
    assert lives.pid == told[owner].known_pid
    assert lives.placed_by == told[owner].member_id
    assert lives.topology_version == host.topology.version
    assert len(lives.started_in.trace_id) == 32
    others = [it for address, it in told.items() if address != host.member_address]
    assert [it.HasField("activation") for it in others] == [False, False]


async def test_explain_of_what_lives_nowhere(members: Members) -> None:
    inspector = await cluster_of(members)
    told = await explain_everywhere(members, inspector, "nobody")
    assert len({it.owner for it in told.values()}) == 1
    assert not any(it.known_pid or it.HasField("activation") for it in told.values())


async def test_explain_where_owners_host_themselves(members: Members) -> None:
    inspector = await cluster_of(members, lookup=DistHashLookup)
    await members.alive[0].grain(Counter, "x").add(1)
    host = members.host_of(Counter, "x")
    told = await explain_everywhere(members, inspector, "x")
    assert {it.owner for it in told.values()} == {host.member_address}


async def test_history_tells_of_topologies_and_handovers(members: Members) -> None:
    inspector = await cluster_of(members, 2)
    first, _ = members.alive
    for number in range(20):
        await first.grain(Counter, str(number)).add(1)
    last = (await inspector.history(first.member_address)).events[-1].number
    (third,) = await members.start(1, kinds=[Counter], introspection=True)
    events = (await inspector.history(first.member_address, last)).events
    assert [it.what for it in events] == ["topology", "hand-over"]
    assert [it.id for it in events[0].joined] == [third.member_id]
    assert len(events[1].trace.trace_id) == 32
    await members.crash(third)
    await members.agree()
    events = (await inspector.history(first.member_address, last)).events
    left = [it.id for event in events for it in event.left]
    assert left == [third.member_id]
    assert [it.number for it in events] == sorted(it.number for it in events)


async def test_news_come_with_the_report_once(members: Members) -> None:
    inspector = await cluster_of(members, 1, introspection=Introspection(slow_call=0))
    (member,) = members.alive
    await member.grain(Counter, "x").add(1)
    told = await inspector.news(member.member_address, 0, 0)
    assert [it.what for it in told.events] == ["topology", "hand-over"]
    assert [it.method for it in told.slow_calls] == ["add"]
    event, call = told.events[-1].number, told.slow_calls[-1].number
    again = await inspector.news(member.member_address, event, call)
    assert (len(again.events), len(again.slow_calls)) == (0, 0)
    assert again.member.id == member.member_id


async def test_history_is_bounded(members: Members) -> None:
    inspector = await cluster_of(members, 1, introspection=Introspection(events=3))
    (first,) = members.alive
    for _ in range(3):
        (second,) = await members.start(1)
        await members.leave(second)
        await members.agree()
    assert len((await inspector.history(first.member_address)).events) == 3


async def test_slow_calls_are_kept_with_their_span_tree(members: Members) -> None:
    inspector = await cluster_of(members)
    caller = members.alive[0]
    grain = caller.grain(Counter, "x")
    await grain.add(1)
    await grain.wait(0.5)
    with pytest.raises(Exception, match="on purpose"):
        await grain.fail()
    (call,) = (await inspector.slow_calls(caller.member_address)).calls
    assert (call.kind, call.name, call.method) == ("Counter", "x", "wait")
    assert (call.outcome, call.attempts) == ("ok", 1)
    assert call.duration >= 0.5
    spans = [
        span
        for it in members.alive
        for span in (
            await inspector.spans(it.member_address, call.trace.trace_id)
        ).spans
    ]
    by_name = {it.name: it for it in spans}
    assert sorted(by_name) == ["grain.call", "grain.handle"]
    assert by_name["grain.handle"].parent_id == by_name["grain.call"].span_id
    assert by_name["grain.call"].span_id == call.trace.span_id
    host = members.host_of(Counter, "x")
    assert by_name["grain.handle"].address == host.member_address


async def test_a_first_call_shows_lookup_and_placement_across_members(
    members: Members,
) -> None:
    options = Introspection(slow_call=0.0)
    inspector = await cluster_of(members, introspection=options)
    caller = members.alive[0]
    await caller.grain(Counter, "x").add(1)
    (call,) = (await inspector.slow_calls(caller.member_address)).calls
    names = {
        span.name
        for it in members.alive
        for span in (
            await inspector.spans(it.member_address, call.trace.trace_id)
        ).spans
    }
    assert names == {
        "grain.call",
        "identity.lookup",
        "identity.owner",
        "activation.place",
        "activation.start",
        "grain.handle",
    }


async def test_an_sdk_that_is_set_up_is_listened_to() -> None:
    async with Members(tracer_provider=TracerProvider()) as members:
        inspector = await cluster_of(
            members, 1, introspection=Introspection(slow_call=0)
        )
        (member,) = members.alive
        await member.grain(Counter, "x").add(1)
        (call,) = (await inspector.slow_calls(member.member_address)).calls
        told = await inspector.spans(member.member_address, call.trace.trace_id)
        assert "grain.call" in {it.name for it in told.spans}


async def test_spans_are_bounded_by_whole_traces(members: Members) -> None:
    options = Introspection(slow_call=0.0, spans=10)
    inspector = await cluster_of(members, 1, introspection=options)
    (member,) = members.alive
    for _ in range(20):
        await member.grain(Counter, "x").add(1)
    calls = (await inspector.slow_calls(member.member_address)).calls
    kept = [
        len((await inspector.spans(member.member_address, it.trace.trace_id)).spans)
        for it in calls
    ]
    assert kept[-1] == 2
    assert sum(kept) <= 10
    assert set(kept) == {0, 2}


async def test_a_member_that_is_asked_to_leaves_gracefully(members: Members) -> None:
    inspector = await cluster_of(members)
    first, second, third = members.alive
    for number in range(30):
        await first.grain(Counter, str(number)).add(1)
    await inspector.leave(third.member_address)
    await third.wait_closed()
    assert third.left.is_set()
    while third.member_id in first.topology:  # noqa: ASYNC110 (virtual time)
        await asyncio.sleep(0.01)
    for number in range(30):
        await second.grain(Counter, str(number)).add(1)


async def test_leave_may_be_called_twice_and_before_the_block_ends(
    members: Members,
) -> None:
    first, second = await members.start(2, kinds=[Counter])
    second.leave()
    second.leave()
    await second.left.wait()
    await members.leave(second)
    await members.agree()
    assert [it.id for it in first.topology.members] == [first.member_id]


@pytest.mark.parametrize(
    ("method", "request_", "says"),
    [
        ("Nonsense", b"", "no such method"),
        ("Explain", b"\xff\xff\xff", "Explain"),
        ("Explain", wire.ExplainRequest(kind="Counter").SerializeToString(), "empty"),
        ("Spans", wire.SpansRequest(trace_id="no").SerializeToString(), "invalid"),
    ],
)
async def test_a_bad_request_costs_that_request(
    members: Members, method: str, request_: bytes, says: str
) -> None:
    inspector = await cluster_of(members, 1)
    (member,) = members.alive
    client = await members.connect()
    with pytest.raises(CallRefused, match=says):
        await client.remote.call(
            member.member_address, f"{SERVICE}/{method}", request_, timeout=5.0
        )
    assert (await inspector.report(member.member_address)).member.id


def test_limits_that_make_no_sense_are_refused() -> None:
    with pytest.raises(ValueError, match="events"):
        Introspection(events=0)
    with pytest.raises(ValueError, match="negative"):
        Introspection(spans=-1)
