"""Traces across nodes, and what is counted."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import pytest_asyncio
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from protoactor import PID, Actor, ActorSystem, Context, Touch, Touched
from protoactor.tracing import Tracing
from protoactor_remote import Remote, telemetry
from protoactor_remote.memory import Network


class Sleeper(Actor):
    """Answers with a number, a little later."""

    def receive(self, context: Context) -> None:
        if context.message == "work":
            context.reenter_after(asyncio.sleep(0), lambda _: context.respond(42))


class Relay(Actor):
    """Asks a sleeper on another node."""

    def __init__(self, sleeper: PID) -> None:
        self._sleeper = sleeper

    def receive(self, context: Context) -> None:
        if context.message == "start":
            context.request_reenter(
                self._sleeper, "work", lambda done: context.respond(done.result())
            )


class Measured:
    """Two nodes whose spans and metrics are kept."""

    def __init__(self) -> None:
        self.spans = InMemorySpanExporter()
        self.reader = InMemoryMetricReader()
        self.meters = MeterProvider([self.reader])
        self.tracers = TracerProvider()
        self.tracers.add_span_processor(SimpleSpanProcessor(self.spans))
        self.network = Network()

    async def node(self, stack: AsyncExitStack) -> tuple[ActorSystem, Remote]:
        tracing = Tracing()
        system = await stack.enter_async_context(
            ActorSystem(
                configure_props=tracing.props,
                send_middleware=[tracing.send],
                tracer_provider=self.tracers,
                meter_provider=self.meters,
            )
        )
        remote = Remote(system, transport=self.network.transport())
        return system, await stack.enter_async_context(remote)

    def path(self, name: str) -> list[str]:
        """Names from the root of the trace down to the span of this name."""
        finished = self.spans.get_finished_spans()
        by_id = {c.span_id: s for s in finished if (c := s.get_span_context())}
        (span,) = [s for s in finished if s.name == name]
        found: ReadableSpan | None = span
        path: list[str] = []
        while found is not None:
            path.append(found.name)
            found = by_id.get(found.parent.span_id) if found.parent else None
        return path[::-1]

    def metrics(self) -> set[str]:
        data: Any = self.reader.get_metrics_data()
        scopes = [
            s for resource in data.resource_metrics for s in resource.scope_metrics
        ]
        return {metric.name for scope in scopes for metric in scope.metrics}

    def metric(self, name: str, address: str) -> dict[str, Any]:
        """Values of one node by message type; by the empty text where there is none."""
        data: Any = self.reader.get_metrics_data()
        resources = data.resource_metrics if data else ()
        return {
            point.attributes.get(telemetry.MESSAGE_TYPE, ""): getattr(
                point, "value", getattr(point, "count", None)
            )
            for resource in resources
            for scope in resource.scope_metrics
            for metric in scope.metrics
            if metric.name == name
            for point in metric.data.data_points
            if point.attributes[telemetry.ADDRESS] == address
        }


@pytest_asyncio.fixture
async def measured() -> AsyncIterator[Measured]:
    made = Measured()
    yield made
    made.tracers.shutdown()
    made.meters.shutdown()


async def test_trap_66_one_trace_crosses_two_nodes_and_a_reentrance(
    measured: Measured,
) -> None:
    async with AsyncExitStack() as stack:
        a, _ = await measured.node(stack)
        b, there = await measured.node(stack)
        b.spawn_named(Sleeper, "sleeper")
        relay = a.spawn(lambda: Relay(PID(there.address, "sleeper")))
        assert await a.request(relay, "start") == 42
        await a.stop(relay)
    names = [span.name for span in measured.spans.get_finished_spans()]
    received = next(n for n in names if n.startswith("Proto Sleeper.Receive"))
    path = measured.path(received)
    assert path[0].startswith("Proto Root.Request")
    assert path[1].startswith("Proto Relay.Receive")
    assert path[2].startswith("Proto Relay.Request")
    assert path[3] == received
    resumed = next(n for n in names if n.startswith("Proto Sleeper.Reenter"))
    assert measured.path(resumed)[: len(path)] == path


async def test_metrics_count_what_travels(measured: Measured) -> None:
    async with AsyncExitStack() as stack:
        a, here = await measured.node(stack)
        _, there = await measured.node(stack)
        for _ in range(3):
            await a.request(PID(there.address, "activator"), Touch(), returns=Touched)
        await here.drain(there.address)

        def counted(name: str, remote: Remote = here) -> dict[str, Any]:
            return measured.metric(name, remote.address)

        assert counted(telemetry.SERIALIZED) == {"actor.Touch": 3}
        assert counted(telemetry.DESERIALIZED) == {"actor.Touched": 3}
        assert counted(telemetry.DESERIALIZED, there) == {"actor.Touch": 3}
        assert counted(telemetry.CONNECTED) == {"": 1}
        assert counted(telemetry.DISCONNECTED) == {"": 0}
        assert counted(telemetry.ENDPOINTS) == {"": 1}
        assert counted(telemetry.QUEUED) == {"": 0}
        assert counted(telemetry.WRITE_DURATION)[""] >= 1
        here.disconnect(there.address)
        await a.request(PID(there.address, "activator"), Touch(), returns=Touched)
        assert counted(telemetry.SERIALIZED) == {"actor.Touch": 4}
        assert counted(telemetry.CONNECTED) == {"": 2}
        seen = measured.metrics()
        assert set(telemetry.METRICS) <= seen


async def test_a_node_that_left_is_observed_no_more(measured: Measured) -> None:
    async with AsyncExitStack() as stack:
        _, here = await measured.node(stack)
        address = here.address
        assert measured.metric(telemetry.ENDPOINTS, address) == {"": 0}
    assert measured.metric(telemetry.ENDPOINTS, address) == {}
