"""Metrics: read when they are collected, and bounded in number."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from opentelemetry import metrics
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader, Metric

from protoactor import (
    PID,
    Actor,
    ActorSystem,
    BoundedMailbox,
    Context,
    DeadLetter,
    HandlerFailed,
    Props,
    RequestTimeout,
    telemetry,
    time_handlers,
)


class Meters:
    """Collects on demand."""

    def __init__(self) -> None:
        self._reader = InMemoryMetricReader()
        self.provider = MeterProvider([self._reader])

    def metrics(self) -> list[Metric]:
        data = self._reader.get_metrics_data()
        if data is None:
            return []
        scopes = [
            scope for found in data.resource_metrics for scope in found.scope_metrics
        ]
        assert {scope.scope.name for scope in scopes} <= {"Proto.Actor"}
        return [metric for scope in scopes for metric in scope.metrics]

    def names(self) -> set[str]:
        return {metric.name for metric in self.metrics()}

    def points(self, name: str) -> list[Any]:
        metrics = [metric for metric in self.metrics() if metric.name == name]
        return [point for metric in metrics for point in metric.data.data_points]

    def value(self, name: str) -> float:
        (point,) = self.points(name)
        return point.value

    def by(self, name: str, label: str) -> dict[str, float]:
        return {point.attributes[label]: point.value for point in self.points(name)}


@pytest.fixture
def meters() -> Iterator[Meters]:
    meters = Meters()
    yield meters
    meters.provider.shutdown()


class Worker(Actor):
    async def receive(self, context: Context) -> None:
        match context.message:
            case "ask":
                context.respond("answer")
            case "fail":
                raise RuntimeError("asked to")
            case asyncio.Event() as release:
                await release.wait()
            case _:
                pass


async def test_actors_are_counted(meters: Meters) -> None:
    async with ActorSystem(meter_provider=meters.provider) as system:
        pids = [system.spawn(Worker) for _ in range(3)]
        with pytest.raises(HandlerFailed):
            await system.request(pids[0], "fail")
        await system.request(pids[0], "ask")
        await system.stop(pids[1])
        assert meters.value(telemetry.SPAWNED) == 3
        assert meters.value(telemetry.STOPPED) == 1
        assert meters.value(telemetry.FAILURES) == 1
        assert meters.value(telemetry.RESTARTED) == 1
        assert meters.value(telemetry.PROCESSES) == 3  # one receives the replies


async def test_requests_are_counted(meters: Meters) -> None:
    async with ActorSystem(meter_provider=meters.provider) as system:
        pid = system.spawn(Worker)
        await system.request(pid, "ask")
        with pytest.raises(RequestTimeout):
            await system.request(pid, "ignored", timeout=0.05)
        pending = asyncio.ensure_future(system.request(pid, "ignored"))
        await asyncio.sleep(0)
        assert meters.value(telemetry.REQUESTS) == 3
        assert meters.value(telemetry.REQUEST_TIMEOUTS) == 1
        assert meters.value(telemetry.PENDING_REQUESTS) == 1
        pending.cancel()


async def test_dead_letters_are_counted_by_reason(meters: Meters) -> None:
    async with ActorSystem(meter_provider=meters.provider) as system:
        nobody = system.registry.pid("nobody")
        system.send(nobody, "lost")
        with pytest.raises(DeadLetter):
            await system.request(nobody, "lost")
        counted = meters.by(telemetry.DEAD_LETTERS, "reason")
        assert counted == {"no such actor": 2}


async def test_every_point_names_its_system(meters: Meters) -> None:
    async with ActorSystem(meter_provider=meters.provider) as system:
        system.spawn(Worker)
        (point,) = meters.points(telemetry.SPAWNED)
        assert point.attributes == {"id": system.id, "address": "nonhost"}


async def test_waiting_messages_are_counted_by_type_of_actor(meters: Meters) -> None:
    release = asyncio.Event()
    async with ActorSystem(meter_provider=meters.provider) as system:
        busy = [
            system.spawn(Worker),
            system.spawn(Props(Worker, mailbox=lambda: BoundedMailbox(10))),
        ]
        for pid in busy:
            system.send(pid, release)
            await until_suspended(system, pid)
            for _ in range(5):
                system.send(pid, "wait")
        assert meters.by(telemetry.MAILBOX_LENGTH, "actortype") == {"Worker": 10}
        release.set()
        for pid in busy:
            await system.request(pid, "ask")
        assert meters.by(telemetry.MAILBOX_LENGTH, "actortype") == {"Worker": 0}


async def until_suspended(system: ActorSystem, pid: PID) -> None:
    """A few turns of the loop start what was sent."""
    for _ in range(3):
        await asyncio.sleep(0)


async def test_messages_of_a_batch_under_way_still_wait(meters: Meters) -> None:
    """A slow actor has taken all its messages at once, but handles one."""
    release = asyncio.Event()
    async with ActorSystem(meter_provider=meters.provider) as system:
        pid = system.spawn(Worker)
        system.send(pid, release)
        for _ in range(5):
            system.send(pid, "wait")
        await until_suspended(system, pid)
        assert meters.by(telemetry.MAILBOX_LENGTH, "actortype") == {"Worker": 5}
        release.set()


async def test_mailbox_lengths_are_bounded_in_number(meters: Meters) -> None:
    async with ActorSystem(meter_provider=meters.provider) as system:
        for number in range(50):
            system.spawn(type(f"Worker{number}", (Worker,), {}))
        lengths = meters.by(telemetry.MAILBOX_LENGTH, "actortype")
        assert len(lengths) == 21
        assert "other" in lengths


async def test_a_closed_system_is_not_observed_but_the_next_one_is(
    meters: Meters,
) -> None:
    async with ActorSystem(meter_provider=meters.provider) as system:
        system.spawn(Worker)
    assert meters.metrics() == []
    async with ActorSystem(meter_provider=meters.provider) as system:
        system.spawn(Worker)
        assert meters.value(telemetry.SPAWNED) == 1


async def test_two_systems_share_a_provider(meters: Meters) -> None:
    async with (
        ActorSystem(meter_provider=meters.provider) as one,
        ActorSystem(meter_provider=meters.provider) as other,
    ):
        one.spawn(Worker)
        other.spawn(Worker)
        other.spawn(Worker)
        counted = meters.by(telemetry.SPAWNED, "id")
        assert counted == {one.id: 1, other.id: 2}


async def test_handlers_are_timed_on_request(meters: Meters) -> None:
    timed = Props(Worker, receive_middleware=[time_handlers])
    async with ActorSystem(meter_provider=meters.provider) as system:
        await system.request(system.spawn(Worker), "ask")
        assert telemetry.RECEIVE_DURATION not in meters.names()
        pid = system.spawn(timed)
        await system.request(pid, "ask")
        with pytest.raises(HandlerFailed):
            await system.request(pid, "fail")
        points = meters.points(telemetry.RECEIVE_DURATION)
        of_messages = [p for p in points if p.attributes["messagetype"] == "str"]
        (point,) = of_messages
        assert point.attributes == {
            "id": system.id,
            "address": "nonhost",
            "actortype": "Worker",
            "messagetype": "str",
        }
        assert point.count == 2
        assert point.explicit_bounds == telemetry.DURATION_BUCKETS


async def test_without_an_sdk_nothing_is_recorded() -> None:
    timed = Props(Worker, receive_middleware=[time_handlers])
    async with ActorSystem() as system:
        assert await system.request(system.spawn(timed), "ask") == "answer"
        assert system.telemetry.meter is None
        assert system.telemetry.tracer is None


async def test_all_names_are_listed(meters: Meters) -> None:
    async with ActorSystem(meter_provider=meters.provider) as system:
        pid = system.spawn(Props(Worker, receive_middleware=[time_handlers]))
        await system.request(pid, "ask")
        system.send(system.registry.pid("nobody"), "lost")
        assert meters.names() == set(telemetry.METRICS)


def test_the_global_provider_is_left_alone() -> None:
    """These tests give their own: a global one could be set only once."""
    assert type(metrics.get_meter_provider()).__name__ == "_ProxyMeterProvider"
