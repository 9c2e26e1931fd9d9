"""Message tracing: names and attributes of .NET, one trace from end to end."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest
from opentelemetry import baggage, trace
from opentelemetry import context as otel
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF, ALWAYS_ON
from opentelemetry.trace import SpanKind, StatusCode

from protoactor import (
    PID,
    Actor,
    ActorSystem,
    Context,
    HandlerFailed,
    Props,
    RequestTimeout,
    TaskDispatcher,
)
from protoactor.tracing import Tracing


class Spans:
    """What a system has recorded."""

    def __init__(self, **provider: object) -> None:
        self._exporter = InMemorySpanExporter()
        self.provider = TracerProvider(**provider)  # pyright: ignore[reportArgumentType]
        self.provider.add_span_processor(SimpleSpanProcessor(self._exporter))

    @property
    def all(self) -> tuple[ReadableSpan, ...]:
        return self._exporter.get_finished_spans()

    @property
    def names(self) -> list[str]:
        return [span.name for span in self.all]

    def __getitem__(self, name: str) -> ReadableSpan:
        (found,) = [span for span in self.all if span.name == name]
        return found

    def path(self, name: str) -> list[str]:
        """Names from the root of the trace down to this span."""
        by_id = {c.span_id: s for s in self.all if (c := s.get_span_context())}
        span: ReadableSpan | None = self[name]
        path: list[str] = []
        while span is not None:
            path.append(span.name)
            span = by_id.get(span.parent.span_id) if span.parent else None
        return path[::-1]


@pytest.fixture
def spans() -> Iterator[Spans]:
    spans = Spans()
    yield spans
    spans.provider.shutdown()


@pytest.fixture(params=["pump", "tasks"])
async def system(
    request: pytest.FixtureRequest, spans: Spans
) -> AsyncIterator[ActorSystem]:
    async with traced(spans, tasks=request.param == "tasks") as system:
        yield system


def traced(spans: Spans | None, *, tasks: bool = False) -> ActorSystem:
    tracing = Tracing()
    provider = spans.provider if spans else None
    if tasks:
        return ActorSystem(
            configure_props=tracing.props,
            send_middleware=[tracing.send],
            tracer_provider=provider,
            dispatcher=TaskDispatcher,
        )
    return ActorSystem(
        configure_props=tracing.props,
        send_middleware=[tracing.send],
        tracer_provider=provider,
    )


class Leaf(Actor):
    """Answers its messages with a word, by which later steps can be told apart."""

    def receive(self, context: Context) -> None:
        match context.message:
            case "ask":
                context.respond(1)
            case "fail":
                raise RuntimeError("asked to")
            case _:
                pass


class Middle(Actor):
    """Does with the leaf what its message says."""

    def __init__(self, leaf: PID) -> None:
        self._leaf = leaf

    async def receive(self, context: Context) -> None:
        match context.message:
            case "send":
                context.send(self._leaf, 1.0)
            case "forward" | "ask":
                context.forward(self._leaf)
            case "request":
                context.send(self._leaf, 1.0, sender=context.self)
            case "await":
                context.respond(await context.request(self._leaf, "ask"))
            case "reenter":
                self._reenter(context)
            case "request_reenter":
                context.request_reenter(
                    self._leaf, "ask", lambda done: context.respond(done.result())
                )
            case _:
                pass

    def _reenter(self, context: Context) -> None:
        async def go_on(done: asyncio.Future[None]) -> None:
            await asyncio.sleep(0)
            context.send(self._leaf, 1.0)
            context.respond(True)

        context.reenter_after(asyncio.sleep(0), go_on)


async def handled(system: ActorSystem, *pids: PID) -> None:
    """Let these finish with everything they were sent, one after the other."""
    for pid in pids:
        await system.poison(pid)


async def test_a_send_from_outside(system: ActorSystem, spans: Spans) -> None:
    leaf = system.spawn(Leaf)
    system.send(leaf, "hello")
    await handled(system, leaf)
    assert spans.names == ["Proto Root.Send str", "Proto Leaf.Receive str"]
    sent, received = spans.all
    assert sent.parent is None
    assert spans.path(received.name) == spans.names
    assert {sent.kind, received.kind} == {SpanKind.INTERNAL}
    assert sent.instrumentation_scope is not None
    assert sent.instrumentation_scope.name == "Proto.Actor"
    assert sent.attributes == {
        "proto.action": "Send",
        "proto.messagetype": "str",
        "proto.actortype": "<None>",
        "proto.targetpid": str(leaf),
    }
    assert received.attributes == {
        "proto.action": "Receive",
        "proto.messagetype": "str",
        "proto.actortype": "Leaf",
        "proto.actorpid": str(leaf),
    }


async def test_a_request_from_outside(system: ActorSystem, spans: Spans) -> None:
    leaf = system.spawn(Leaf)
    assert await system.request(leaf, "ask") == 1
    asked, received = spans["Proto Root.RequestAsync str"], spans.all[0]
    assert spans.path("Proto Leaf.Receive str") == [asked.name, received.name]
    assert asked.attributes is not None
    assert asked.attributes["proto.responsemessagetype"] == "int"
    assert str(asked.attributes["proto.senderpid"]).startswith("nonhost/future")
    assert received.attributes is not None
    assert received.attributes["proto.action"] == "Respond"
    assert received.attributes["proto.responsemessagetype"] == "int"
    assert (asked.end_time or 0) > (received.end_time or 0)  # it awaits the reply


@pytest.mark.parametrize(
    ("message", "path"),
    [
        ("send", ["Middle.Send float", "Leaf.Receive float"]),
        ("forward", ["Middle.Forward str", "Leaf.Receive str"]),
        ("request", ["Middle.Request float", "Leaf.Receive float"]),
    ],
)
async def test_a_message_that_causes_another(
    system: ActorSystem, spans: Spans, message: str, path: list[str]
) -> None:
    leaf = system.spawn(Leaf)
    middle = system.spawn(lambda: Middle(leaf))
    system.send(middle, message)
    await handled(system, middle, leaf)
    whole = ["Root.Send str", "Middle.Receive str", *path]
    assert spans.path(f"Proto {path[-1]}") == [f"Proto {name}" for name in whole]


async def test_a_request_within_a_request(system: ActorSystem, spans: Spans) -> None:
    leaf = system.spawn(Leaf)
    middle = system.spawn(lambda: Middle(leaf))
    assert await system.request(middle, "await") == 1
    assert spans.path("Proto Leaf.Receive str") == [
        "Proto Root.RequestAsync str",
        "Proto Middle.Receive str",
        "Proto Middle.RequestAsync str",
        "Proto Leaf.Receive str",
    ]


async def test_a_forwarded_request_is_answered_in_its_trace(
    system: ActorSystem, spans: Spans
) -> None:
    leaf = system.spawn(Leaf)
    middle = system.spawn(lambda: Middle(leaf))
    assert await system.request(middle, "ask") == 1
    assert spans.path("Proto Leaf.Receive str")[0] == "Proto Root.RequestAsync str"


async def test_trap_66_a_reentered_handler_stays_in_its_trace(
    system: ActorSystem, spans: Spans
) -> None:
    leaf = system.spawn(Leaf)
    middle = system.spawn(lambda: Middle(leaf))
    assert await system.request(middle, "reenter") is True
    await handled(system, middle, leaf)
    assert spans.path("Proto Leaf.Receive float") == [
        "Proto Root.RequestAsync str",
        "Proto Middle.Receive str",
        "Proto Middle.ReenterAfter str",
        "Proto Middle.Send float",
        "Proto Leaf.Receive float",
    ]


async def test_trap_66_a_reentered_request_stays_in_its_trace(
    system: ActorSystem, spans: Spans
) -> None:
    leaf = system.spawn(Leaf)
    middle = system.spawn(lambda: Middle(leaf))
    assert await system.request(middle, "request_reenter") == 1
    await handled(system, middle, leaf)
    above = ["Proto Root.RequestAsync str", "Proto Middle.Receive str"]
    assert spans.path("Proto Middle.ReenterAfter str")[:-1] == above
    assert spans.path("Proto Leaf.Receive str")[:2] == above


async def test_a_handler_that_raises(system: ActorSystem, spans: Spans) -> None:
    leaf = system.spawn(Leaf)
    with pytest.raises(HandlerFailed):
        await system.request(leaf, "fail")
    received = spans["Proto Leaf.Receive str"]
    asked = spans["Proto Root.RequestAsync str"]
    for span, error in ((received, "RuntimeError"), (asked, "HandlerFailed")):
        assert span.status.status_code is StatusCode.ERROR
        (event,) = span.events
        assert event.attributes is not None
        assert str(event.attributes["exception.type"]).endswith(error)


async def test_a_request_without_a_reply(system: ActorSystem, spans: Spans) -> None:
    leaf = system.spawn(Leaf)
    with pytest.raises(RequestTimeout):
        await system.request(leaf, "ignored", timeout=0.05)
    span = spans["Proto Root.RequestAsync str"]
    assert span.status.status_code is StatusCode.ERROR
    assert [event.name for event in span.events] == ["Request Timeout", "exception"]


async def test_a_span_of_the_program_is_the_parent(
    system: ActorSystem, spans: Spans
) -> None:
    leaf = system.spawn(Leaf)
    with spans.provider.get_tracer("program").start_as_current_span("work"):
        await system.request(leaf, "ask")
    assert spans.path("Proto Leaf.Receive str")[0] == "work"


async def test_trap_8_a_span_reaches_the_receiver_in_headers_alone() -> None:
    """Without tracing of the receiver, the span of the sender must not be current."""
    seen: list[trace.SpanContext] = []

    def look(context: Context) -> None:
        seen.append(trace.get_current_span().get_span_context())

    spans = Spans()
    async with ActorSystem(tracer_provider=spans.provider) as system:
        looker = system.spawn(Props.from_function(look))
        with spans.provider.get_tracer("program").start_as_current_span("work"):
            system.send(looker, "look")
    assert seen
    assert not any(context.is_valid for context in seen)


async def test_one_actors_span_is_not_current_in_another(
    system: ActorSystem, spans: Spans
) -> None:
    """Many suspended handlers at once: each goes on in its own trace."""

    async def wait_and_send(context: Context) -> None:
        if isinstance(context.message, int):
            for _ in range(context.message % 3):
                await asyncio.sleep(0)
            context.respond(trace.get_current_span().get_span_context().trace_id)

    pids = [system.spawn(Props.from_function(wait_and_send)) for _ in range(5)]
    tracer = spans.provider.get_tracer("program")

    async def ask(number: int) -> None:
        with tracer.start_as_current_span("work") as span:
            reply = await system.request(pids[number % 5], number)
            assert reply == span.get_span_context().trace_id

    await asyncio.gather(*(ask(number) for number in range(50)))


async def test_baggage_travels_along(system: ActorSystem) -> None:
    def look(context: Context) -> None:
        if context.message == "look":
            context.respond(baggage.get_baggage("tenant"))

    looker = system.spawn(Props.from_function(look))
    token = otel.attach(baggage.set_baggage("tenant", "shop"))
    try:
        assert await system.request(looker, "look") == "shop"
    finally:
        otel.detach(token)


async def test_headers_of_the_sender_are_kept_and_not_changed(
    system: ActorSystem,
) -> None:
    headers = {"tenant": "shop"}

    def look(context: Context) -> None:
        if context.message == "look":
            context.respond(sorted(context.headers))

    looker = system.spawn(Props.from_function(look))
    received = await system.request(looker, "look", headers=headers)
    assert received == ["tenant", "traceparent"]
    assert headers == {"tenant": "shop"}


async def test_below_an_unsampled_parent_nothing_is_recorded() -> None:
    unsampled = Spans(sampler=ALWAYS_OFF)
    spans = Spans(sampler=ALWAYS_ON)  # it alone would record them
    seen: list[trace.SpanContext] = []

    def look(context: Context) -> None:
        if context.message == "look":
            seen.append(trace.get_current_span().get_span_context())
            context.respond(context.headers["traceparent"])

    async with traced(spans) as system:
        looker = system.spawn(Props.from_function(look))
        tracer = unsampled.provider.get_tracer("program")
        with tracer.start_as_current_span("work") as span:
            parent = span.get_span_context()
            header = await system.request(looker, "look", returns=str)
    assert spans.names == []
    assert int(header[-2:], 16) & 1 == 0  # the sampled flag
    assert [context.span_id for context in seen] == [parent.span_id]


async def test_without_an_sdk_there_are_no_spans_and_no_headers() -> None:
    def look(context: Context) -> None:
        if context.message == "look":
            current = trace.get_current_span()
            context.respond((dict(context.headers), current is trace.INVALID_SPAN))

    async with traced(None) as system:
        looker = system.spawn(Props.from_function(look))
        assert await system.request(looker, "look") == ({}, True)


async def test_lifecycle_messages_are_not_traced(
    system: ActorSystem, spans: Spans
) -> None:
    leaf = system.spawn(Leaf)
    await handled(system, leaf)
    assert spans.names == []


async def test_hooks_add_attributes() -> None:
    spans = Spans()
    tracing = Tracing(
        on_send=lambda span, message: span.set_attribute("sent", str(message)),
        on_receive=lambda span, message: span.set_attribute("got", str(message)),
    )
    async with ActorSystem(
        configure_props=tracing.props,
        send_middleware=[tracing.send],
        tracer_provider=spans.provider,
    ) as system:
        await system.request(system.spawn(Leaf), "ask")
    attributes = [span.attributes or {} for span in spans.all]
    assert [a.get("got") for a in attributes] == ["ask", None]
    assert [a.get("sent") for a in attributes] == [None, "ask"]


async def test_two_systems_record_separately() -> None:
    one, other = Spans(), Spans()
    async with traced(one) as first, traced(other) as second:
        await first.request(first.spawn(Leaf), "ask")
        await second.request(second.spawn(Leaf), "ask")
    assert len(one.all) == len(other.all) == 2
