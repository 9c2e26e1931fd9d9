"""Traces of calls, activations and hand-overs, as a dashboard would show them."""

from __future__ import annotations

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest
import pytest_asyncio
from opentelemetry import baggage, trace
from opentelemetry import context as otel
from opentelemetry.sdk.trace import ReadableSpan, Span, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF, ALWAYS_ON, Sampler
from opentelemetry.trace import SpanKind, StatusCode

from protoactor import Actor, Context, Props
from protoactor_cluster import Grain, GrainError, Kind, telemetry
from protoactor_cluster.sampler import ClusterSampler
from protoactor_testkit.members import Members

pytestmark = pytest.mark.virtual_time
Tree = tuple[str, list[Any]]


class Echo(Grain, idle_timeout=5.0):
    """Answers, fails, and passes calls on."""

    async def on_activate(self) -> None:
        if self.identity.name.startswith("broken"):
            raise RuntimeError("it does not start")
        if self.identity.name.startswith("curious"):
            await self.cluster.grain(Echo, "helper").say("hello")

    async def on_deactivate(self) -> None:
        if self.identity.name.startswith("clumsy"):
            raise RuntimeError("it does not end")

    async def say(self, text: str) -> str:
        return text

    async def fail(self) -> None:
        raise ValueError("asked to")

    async def relay(self, name: str) -> str:
        return await self.cluster.grain(Echo, name).say("hello")

    async def whose(self) -> str:
        return str(baggage.get_baggage("tenant"))


class Recorded:
    """The spans of all members."""

    def __init__(self, sampler: Sampler = ALWAYS_ON) -> None:
        self._exporter = InMemorySpanExporter()
        self.provider = TracerProvider(sampler=sampler)
        self.provider.add_span_processor(SimpleSpanProcessor(self._exporter))

    @property
    def finished(self) -> Sequence[ReadableSpan]:
        return self._exporter.get_finished_spans()

    def forget(self) -> None:
        self._exporter.clear()

    def named(self, name: str) -> list[ReadableSpan]:
        return [span for span in self.finished if span.name == name]

    def one(self, name: str) -> ReadableSpan:
        (span,) = self.named(name)
        return span

    def trace_of(self, span: ReadableSpan) -> list[ReadableSpan]:
        return [s for s in self.finished if id_of(s)[0] == id_of(span)[0]]

    def tree(self, root: ReadableSpan) -> Tree:
        """Names below a span, in the order of their start."""
        children: defaultdict[int, list[ReadableSpan]] = defaultdict(list)
        for span in self.trace_of(root):
            children[span.parent.span_id if span.parent else 0].append(span)

        def below(span: ReadableSpan) -> Tree:
            found = sorted(children[id_of(span)[1]], key=lambda s: s.start_time or 0)
            return span.name, [below(child) for child in found]

        return below(root)


def id_of(span: ReadableSpan) -> tuple[int, int]:
    context = span.get_span_context()
    assert context is not None
    return context.trace_id, context.span_id


def said(span: ReadableSpan) -> dict[str, Any]:
    return dict(span.attributes or {})


def links(span: ReadableSpan) -> list[tuple[str, int]]:
    """Why a span links to another one, and to which."""
    return [
        (str((link.attributes or {})[telemetry.LINK]), link.context.span_id)
        for link in span.links
    ]


ACTIVATION: Tree = (
    "identity.lookup",
    [("identity.owner", [("activation.place", [("activation.start", [])])])],
)
CALLS = {"grain.call", "identity.lookup", "identity.owner", "grain.handle"}
HANDLE: Tree = ("grain.handle", [])


@pytest_asyncio.fixture
async def recorded() -> AsyncIterator[Recorded]:
    recorded = Recorded()
    yield recorded
    recorded.provider.shutdown()


@pytest_asyncio.fixture
async def members(recorded: Recorded) -> AsyncIterator[Members]:
    async with Members(tracer_provider=recorded.provider) as members:
        yield members


async def test_the_first_call_is_one_trace_across_members(
    members: Members, recorded: Recorded
) -> None:
    await members.start(3, kinds=[Echo])
    client = await members.connect()
    recorded.forget()
    assert await client.grain(Echo, "x").say("hello") == "hello"
    call = recorded.one("grain.call")
    assert recorded.tree(call) == ("grain.call", [ACTIVATION, HANDLE])
    assert call.parent is None
    assert call.kind is SpanKind.CLIENT
    host = members.host_of(Echo, "x")
    assert said(call) == {
        telemetry.IDENTITY: "Echo/x",
        telemetry.KIND: "Echo",
        telemetry.METHOD: "say",
        telemetry.PID_SOURCE: "lookup",
        telemetry.HOST: host.member_address,
        telemetry.ATTEMPTS: 1,
    }
    owner = said(recorded.one("identity.owner"))
    assert (
        said(recorded.one("activation.place"))[telemetry.MEMBER]
        == (owner[telemetry.MEMBER])
    )
    started = recorded.one("activation.start")
    assert said(started)[telemetry.MEMBER] == host.member_id
    assert telemetry.AFTER not in said(started)
    handled = recorded.one("grain.handle")
    assert handled.kind is SpanKind.SERVER
    assert said(handled)[telemetry.MEMBER] == host.member_id


async def test_a_warm_call_is_two_spans(members: Members, recorded: Recorded) -> None:
    (a,) = await members.start(1, kinds=[Echo])
    await a.grain(Echo, "x").say("hello")
    recorded.forget()
    await a.grain(Echo, "x").say("again")
    call = recorded.one("grain.call")
    assert recorded.tree(call) == ("grain.call", [HANDLE])
    assert said(call)[telemetry.PID_SOURCE] == "cache"


async def test_a_call_within_a_call_is_in_its_trace(
    members: Members, recorded: Recorded
) -> None:
    (a,) = await members.start(1, kinds=[Echo])
    for name in ("one", "two"):
        await a.grain(Echo, name).say("hello")
    recorded.forget()
    await a.grain(Echo, "one").relay("two")
    (outer,) = [span for span in recorded.named("grain.call") if span.parent is None]
    inner: Tree = ("grain.call", [HANDLE])
    assert recorded.tree(outer) == ("grain.call", [("grain.handle", [inner])])


async def test_what_on_activate_does_belongs_to_the_activation(
    members: Members, recorded: Recorded
) -> None:
    (a,) = await members.start(1, kinds=[Echo])
    await a.grain(Echo, "helper").say("hello")
    recorded.forget()
    await a.grain(Echo, "curious").say("hello")
    inner: Tree = ("grain.call", [HANDLE])
    started = recorded.named("activation.start")
    assert recorded.tree(started[0]) == ("activation.start", [inner])


async def test_a_failing_method_is_an_error_on_both_sides(
    members: Members, recorded: Recorded
) -> None:
    (a,) = await members.start(1, kinds=[Echo])
    recorded.forget()
    with pytest.raises(GrainError):
        await a.grain(Echo, "x").fail()
    for span in (recorded.one("grain.call"), recorded.one("grain.handle")):
        assert span.status.status_code is StatusCode.ERROR
        assert "asked to" in (span.status.description or "")
        assert [event.name for event in span.events] == ["exception"]
    assert said(recorded.one("grain.call"))[telemetry.OUTCOME] == "GrainError"


async def test_a_failed_activation_is_an_error_up_to_the_call(
    members: Members, recorded: Recorded
) -> None:
    (a,) = await members.start(1, kinds=[Echo])
    recorded.forget()
    with pytest.raises(Exception, match="it does not start"):
        await a.grain(Echo, "broken").say("hello")
    call = recorded.one("grain.call")
    assert recorded.tree(call) == ("grain.call", [ACTIVATION])
    for span in recorded.trace_of(call):
        assert span.status.status_code is StatusCode.ERROR, span.name
        assert "it does not start" in (span.status.description or "")


async def test_callers_that_ask_together_share_one_lookup(
    members: Members, recorded: Recorded
) -> None:
    (a,) = await members.start(1, kinds=[Echo])
    recorded.forget()
    await asyncio.gather(*(a.grain(Echo, "x").say("hello") for _ in range(3)))
    lookup = recorded.one("identity.lookup")
    first, *others = sorted(recorded.named("grain.call"), key=lambda s: len(s.links))
    assert links(first) == []
    for call in others:
        assert links(call) == [("identity.lookup", id_of(lookup)[1])]


async def test_passivation_is_seen_and_explains_the_next_activation(
    members: Members, recorded: Recorded
) -> None:
    (a,) = await members.start(1, kinds=[Echo])
    await a.grain(Echo, "x").say("hello")
    first = recorded.one("activation.start")
    await asyncio.sleep(6.0)
    stop = recorded.one("activation.stop")
    assert stop.parent is None
    assert said(stop)[telemetry.ENDING] == "passivated"
    assert links(stop) == [("activation.start", id_of(first)[1])]
    recorded.forget()
    await a.grain(Echo, "x").say("hello")
    call = recorded.one("grain.call")
    assert recorded.tree(call) == ("grain.call", [ACTIVATION, HANDLE])
    for name in ("activation.place", "activation.start"):
        span = recorded.one(name)
        assert said(span)[telemetry.AFTER] == "passivated", name
        assert links(span) == [("passivated", id_of(stop)[1])], name


async def test_the_owner_knows_of_a_passivation_on_another_member(
    members: Members, recorded: Recorded
) -> None:
    a, _ = await members.start(2, kinds=[Echo])
    names = [f"name-{number}" for number in range(20)]
    for name in names:
        await a.grain(Echo, name).say("hello")
    await asyncio.sleep(6.0)
    recorded.forget()
    for name in names:
        await a.grain(Echo, name).say("hello")
    placed = recorded.named("activation.place")
    assert len(placed) == 20
    assert {said(span)[telemetry.AFTER] for span in placed} == {"passivated"}
    assert all(span.links for span in placed)


async def test_a_failing_end_is_an_error_of_the_stop(
    members: Members, recorded: Recorded
) -> None:
    (a,) = await members.start(1, kinds=[Echo])
    await a.grain(Echo, "clumsy").say("hello")
    await asyncio.sleep(6.0)
    stop = recorded.one("activation.stop")
    assert stop.status.status_code is StatusCode.ERROR
    assert "it does not end" in (stop.status.description or "")


async def test_a_leaving_member_says_why_its_activations_end(
    members: Members, recorded: Recorded
) -> None:
    a, b = await members.start(2, kinds=[Echo])
    for number in range(20):
        await a.grain(Echo, f"name-{number}").say("hello")
    drained = b.activations
    assert drained > 0
    await members.leave(b)
    stops = recorded.named("activation.stop")
    assert [said(stop)[telemetry.ENDING] for stop in stops] == ["drained"] * drained


def completed(handover: ReadableSpan) -> bool:
    return said(handover)[telemetry.OUTCOME] == "complete"


async def test_a_topology_change_is_one_trace_per_member(
    members: Members, recorded: Recorded
) -> None:
    a, b = await members.start(2, kinds=[Echo])
    for number in range(30):
        await a.grain(Echo, f"name-{number}").say("hello")
    recorded.forget()
    (c,) = await members.start(1, kinds=[Echo])
    complete = {
        id_of(span)[0] for span in recorded.named("handover") if completed(span)
    }
    by_member = {
        said(span)[telemetry.MEMBER]: span
        for span in recorded.named("cluster.topology")
        if said(span)[telemetry.MEMBERS] == 3 and id_of(span)[0] in complete
    }
    assert by_member.keys() == {m.member_id for m in (a, b, c)}
    pull: Tree = ("handover.pull", [("handover.serve", [])])
    for root in by_member.values():
        assert recorded.tree(root) == ("cluster.topology", [("handover", [pull] * 3)])
    hashes = {said(root)[telemetry.TOPOLOGY_HASH] for root in by_member.values()}
    assert len(hashes) == 1
    (own,) = [
        span
        for span in recorded.trace_of(by_member[c.member_id])
        if span.name == "handover"
    ]
    pulls = [s for s in recorded.trace_of(own) if s.name == "handover.pull"]
    moved = sum(said(span)[telemetry.ACTIVATIONS] for span in pulls)
    assert said(own)[telemetry.ACTIVATIONS] == moved > 0


async def test_calls_that_wait_for_a_handover_link_to_it(
    members: Members, recorded: Recorded
) -> None:
    a, b, c = await members.start(3, kinds=[Echo])
    members.delay(a, c, 0.2)
    await members.crash(b)
    while len(a.topology) == 3:  # noqa: ASYNC110 (virtual time costs nothing)
        await asyncio.sleep(0.01)
    assert not a.settled
    recorded.forget()
    names = [f"name-{number}" for number in range(20)]
    calls = [a.grain(Echo, name).say("hello") for name in (*names, *names)]
    await asyncio.gather(*calls)
    await members.agree()
    handovers = {
        id_of(span)[1] for span in recorded.named("handover") if completed(span)
    }
    for name in ("identity.owner", "grain.call"):
        spans = recorded.named(name)
        assert len(spans) >= len(names)
        for span in spans:
            waited = [target for why, target in links(span) if why == "handover"]
            assert waited and handovers.issuperset(waited), name


async def test_a_retry_is_an_event_of_the_call(
    members: Members, recorded: Recorded
) -> None:
    a, b = await members.start(2, kinds=[Echo])
    names = [f"name-{number}" for number in range(20)]
    for name in names:
        await a.grain(Echo, name).say("hello")
    name = next(n for n in names if members.host_of(Echo, n) is b)
    former = b.member_address
    recorded.forget()
    await members.crash(b)
    await a.grain(Echo, name).say("hello")
    call = recorded.one("grain.call")
    assert call.status.status_code is not StatusCode.ERROR
    retries = [event for event in call.events if event.name == telemetry.RETRY]
    assert said(call)[telemetry.ATTEMPTS] == len(retries) + 1 >= 2
    first = dict(retries[0].attributes or {})
    assert first[telemetry.HOST] == former
    assert first["reason"]
    assert recorded.tree(call)[1][-1] == HANDLE
    placed = recorded.named("activation.place")[-1]
    assert said(placed)[telemetry.AFTER] in ("host left", "nobody at its last address")


async def test_an_unsampled_call_makes_no_span_anywhere(recorded: Recorded) -> None:
    """Also not in calls made within it, which must not become traces of their own."""
    dropped = Recorded(ALWAYS_OFF)
    async with Members(tracer_provider=recorded.provider) as members:
        (a,) = await members.start(1, kinds=[Echo])
        recorded.forget()
        tracer = dropped.provider.get_tracer("the user's")
        with tracer.start_as_current_span("not sampled"):
            await a.grain(Echo, "one").relay("curious")
        assert [s.name for s in recorded.finished] == []
    dropped.provider.shutdown()


class SkippingCalls(ClusterSampler):
    """Wants everything but calls, so that what a call forgets to pass on shows."""

    def skips(self) -> bool:
        return True


async def test_a_call_that_our_sampler_skips_makes_no_span_below() -> None:
    recorded = Recorded(SkippingCalls())
    async with Members(tracer_provider=recorded.provider) as members:
        a, _ = await members.start(2, kinds=[Echo])
        await a.grain(Echo, "one").relay("curious")
        assert [span.name for span in recorded.finished if span.name in CALLS] == []
    recorded.provider.shutdown()


@pytest.mark.parametrize("method", ["say", "fail"])
async def test_a_skipped_call_leaves_its_caller_as_it_was(method: str) -> None:
    recorded = Recorded(SkippingCalls())
    async with Members(tracer_provider=recorded.provider) as members:
        (a,) = await members.start(1, kinds=[Echo])
        before, grain = otel.get_current(), a.grain(Echo, "x")
        with contextlib.suppress(GrainError):
            await (grain.say("hello") if method == "say" else grain.fail())
        assert otel.get_current() == before
    recorded.provider.shutdown()


async def test_an_unsampled_topology_change_makes_no_span_elsewhere() -> None:
    recorded = Recorded(ALWAYS_OFF)
    async with Members(tracer_provider=recorded.provider) as members:
        a, _ = await members.start(2, kinds=[Echo])
        await a.grain(Echo, "x").say("hello")
    assert recorded.finished == ()
    recorded.provider.shutdown()


async def test_the_users_span_is_above_the_call(
    members: Members, recorded: Recorded
) -> None:
    (a,) = await members.start(1, kinds=[Echo])
    await a.grain(Echo, "x").say("hello")
    recorded.forget()
    tracer = recorded.provider.get_tracer("the user's")
    with tracer.start_as_current_span("request") as above:
        await a.grain(Echo, "x").say("hello")
    assert recorded.tree(recorded.one("request")) == (
        "request",
        [("grain.call", [HANDLE])],
    )
    assert trace.get_current_span() is not above


async def test_baggage_travels_with_the_call(members: Members) -> None:
    (a,) = await members.start(1, kinds=[Echo])
    token = otel.attach(baggage.set_baggage("tenant", "acme"))
    try:
        assert await a.grain(Echo, "x").whose() == "acme"
    finally:
        otel.detach(token)
    assert await a.grain(Echo, "x").whose() == "None"


class Plain(Actor):
    """An actor that is not a grain."""

    def receive(self, context: Context) -> None:
        if isinstance(context.message, str):
            context.respond(context.message)


async def test_plain_actors_of_a_kind_are_seen_too(
    members: Members, recorded: Recorded
) -> None:
    (a,) = await members.start(1, kinds=[Kind("Plain", Props(Plain))])
    recorded.forget()
    assert await a.request("Plain", "x", "hello", returns=str) == "hello"
    call = recorded.one("grain.call")
    assert recorded.tree(call) == ("grain.call", [ACTIVATION, HANDLE])
    assert said(recorded.one("grain.handle"))[telemetry.METHOD] == "str"


async def test_without_an_sdk_no_span_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    def make(self: object, *_: object) -> None:
        raise AssertionError("a span was made")

    monkeypatch.setattr(Span, "__init__", make)
    async with Members() as members:
        a, _ = await members.start(2, kinds=[Echo])
        monkeypatch.setattr(trace.NonRecordingSpan, "__init__", make)
        assert await a.grain(Echo, "x").relay("y") == "hello"
        assert a.system.telemetry.tracer is None
        assert not a.spans.recording()
        assert a.spans.start("anything") is None
        assert a.spans.headers(None) is None
