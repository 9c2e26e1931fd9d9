"""Metrics of a member: read when they are collected, and bounded in number."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from typing import Any

import pytest
import pytest_asyncio
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader

from protoactor import NotDelivered
from protoactor import telemetry as core
from protoactor_cluster import Cluster, Grain, MembershipView, telemetry
from protoactor_cluster.memory_provider import MemoryProvider
from protoactor_testkit.members import Members

pytestmark = pytest.mark.virtual_time


class Echo(Grain, idle_timeout=5.0):
    async def on_activate(self) -> None:
        if self.identity.name.startswith("broken"):
            raise RuntimeError("it does not start")

    async def say(self, text: str) -> str:
        return text

    async def wait(self) -> None:
        await asyncio.sleep(1.0)


class Other(Grain):
    async def say(self, text: str) -> str:
        return text


class Meters:
    """Collects on demand."""

    def __init__(self) -> None:
        self._reader = InMemoryMetricReader()
        self.provider = MeterProvider([self._reader])

    def points(self, name: str) -> list[Any]:
        data = self._reader.get_metrics_data()
        return [
            point
            for resource in (data.resource_metrics if data else ())
            for scope in resource.scope_metrics
            for metric in scope.metrics
            if metric.name == name
            for point in metric.data.data_points
        ]

    def names(self) -> set[str]:
        data = self._reader.get_metrics_data()
        assert data is not None
        return {
            metric.name
            for resource in data.resource_metrics
            for scope in resource.scope_metrics
            for metric in scope.metrics
        }

    def of(self, member: Cluster, name: str) -> dict[Mapping[str, str] | str, float]:
        """Values of one member by its other labels, joined with commas."""
        found: dict[Mapping[str, str] | str, float] = {}
        for point in self.points(name):
            labels = dict(point.attributes)
            if labels.pop("id") == member.system.id:
                assert labels.pop("address") == member.member_address
                value = point.value if hasattr(point, "value") else point.count
                found[",".join(labels[key] for key in sorted(labels))] = value
        return found

    def one(self, member: Cluster, name: str) -> float:
        found = self.of(member, name)
        assert found.keys() == {""}, found
        return found[""]


@pytest_asyncio.fixture
async def meters() -> AsyncIterator[Meters]:
    meters = Meters()
    yield meters
    meters.provider.shutdown()


@pytest_asyncio.fixture
async def members(meters: Meters) -> AsyncIterator[Members]:
    async with Members(meter_provider=meters.provider) as members:
        yield members


async def test_calls_are_timed_by_kind_method_and_source(
    members: Members, meters: Meters
) -> None:
    (a,) = await members.start(1, kinds=[Echo, Other])
    for _ in range(3):
        await a.grain(Echo, "x").say("hello")
    await a.grain(Echo, "x").wait()
    await a.grain(Other, "x").say("hello")
    assert meters.of(a, telemetry.REQUEST_DURATION) == {
        "Echo,say,IIdentityLookup": 1,
        "Echo,say,PidCache": 2,
        "Echo,wait,PidCache": 1,
        "Other,say,IIdentityLookup": 1,
    }
    (waited,) = [
        point
        for point in meters.points(telemetry.REQUEST_DURATION)
        if point.attributes["messagetype"] == "wait"
    ]
    assert 1.0 <= waited.sum < 1.1
    assert waited.explicit_bounds == core.DURATION_BUCKETS
    assert meters.of(a, telemetry.RESOLVE_DURATION) == {"Echo": 1, "Other": 1}
    assert meters.of(a, telemetry.SPAWN_DURATION) == {"Echo": 1, "Other": 1}
    assert meters.one(a, telemetry.CACHE_SIZE) == 2
    assert meters.one(a, telemetry.CACHE_HITS) == 3
    assert meters.one(a, telemetry.CACHE_MISSES) == 2


async def test_activations_are_counted_by_kind_and_by_how_they_ended(
    members: Members, meters: Meters
) -> None:
    (a,) = await members.start(1, kinds=[Echo, Other])
    for name in ("x", "y"):
        await a.grain(Echo, name).say("hello")
    assert meters.of(a, telemetry.VIRTUAL_ACTORS) == {"Echo": 2, "Other": 0}
    with pytest.raises(NotDelivered):
        await a.grain(Echo, "broken").say("hello")
    assert meters.of(a, telemetry.ACTIVATION_FAILURES) == {"Echo": 1}
    await asyncio.sleep(6.0)
    assert meters.of(a, telemetry.VIRTUAL_ACTORS) == {"Echo": 0, "Other": 0}
    assert meters.of(a, telemetry.ACTIVATION_ENDS) == {
        "Echo,passivated": 2,
        "Echo,not started": 1,
    }


async def test_trap_25_counters_return_to_zero_after_a_failed_activation(
    members: Members, meters: Meters
) -> None:
    (a,) = await members.start(1, kinds=[Echo])
    for _ in range(3):
        with pytest.raises(NotDelivered):
            await a.grain(Echo, "broken").say("hello")
    assert meters.of(a, telemetry.VIRTUAL_ACTORS) == {"Echo": 0}


async def test_members_and_handovers_are_counted(
    members: Members, meters: Meters
) -> None:
    a, b = await members.start(2, kinds=[Echo])
    for number in range(30):
        await a.grain(Echo, f"name-{number}").say("hello")
    (c,) = await members.start(1, kinds=[Echo])
    assert meters.one(c, telemetry.MEMBERS_COUNT) == 3
    assert meters.one(c, telemetry.HANDOVER_ACTIVATIONS) > 0
    assert meters.of(a, telemetry.HANDOVERS)["complete"] >= 2
    assert meters.of(a, telemetry.HANDOVER_DURATION)["complete"] >= 2
    assert meters.one(a, telemetry.MEMBERS_JOINED) == 3
    await members.crash(b)
    await members.agree()
    assert meters.one(a, telemetry.MEMBERS_LEFT) == 1
    assert meters.one(a, telemetry.MEMBERS_COUNT) == 2
    assert meters.one(a, telemetry.MEMBERS_BLOCKED) == 1
    assert meters.one(a, telemetry.TOPOLOGIES) >= 3
    assert meters.one(a, telemetry.READY) == 1
    assert meters.one(a, telemetry.DUPLICATES) == 0


async def test_a_handover_that_is_unsure_is_counted_by_reason(
    members: Members, meters: Meters
) -> None:
    a, b, c = await members.start(3, kinds=[Echo])
    members.partition(a, c)
    await members.crash(b)
    await asyncio.sleep(25.0)
    assert meters.of(a, telemetry.HANDOVERS_INCOMPLETE)["barrier"] >= 1
    members.heal()


async def test_retries_are_counted_by_kind(members: Members, meters: Meters) -> None:
    a, b = await members.start(2, kinds=[Echo])
    names = [f"name-{number}" for number in range(20)]
    for name in names:
        await a.grain(Echo, name).say("hello")
    name = next(n for n in names if members.host_of(Echo, n) is b)
    assert meters.of(a, telemetry.RETRIES) == {}
    await members.crash(b)
    await a.grain(Echo, name).say("hello")
    assert meters.of(a, telemetry.RETRIES)["Echo"] >= 1


async def test_gossip_is_counted_in_rounds_messages_and_bytes(
    members: Members, meters: Meters
) -> None:
    a, _ = await members.start(2, kinds=[Echo])
    await asyncio.sleep(3.0)
    rounds = meters.one(a, telemetry.GOSSIP_ROUNDS)
    sent = meters.one(a, telemetry.GOSSIP_SENT)
    assert rounds >= 2
    assert sent >= rounds - 1
    assert meters.one(a, telemetry.GOSSIP_SENT_SIZE) > 20 * sent
    received = meters.one(a, telemetry.GOSSIP_RECEIVED)
    assert meters.one(a, telemetry.GOSSIP_RECEIVED_SIZE) > 20 * received > 0


class Outage(MemoryProvider):
    """Its first watch breaks after a second; the next one says nothing for 5 s."""

    watches = 0

    async def watch(self, cluster: str) -> AsyncGenerator[MembershipView, None]:
        self.watches += 1
        views = super().watch(cluster)
        if self.watches == 1:
            yield await anext(views)
            await asyncio.sleep(1.0)
            raise OSError("no route")
        await asyncio.sleep(5.0)
        async for view in views:
            yield view


async def test_an_outage_of_the_service_is_seen(meters: Meters) -> None:
    broken = Members(provider=Outage, meter_provider=meters.provider)
    async with broken as members:
        (a,) = await members.start(1, kinds=[Echo])
        assert meters.one(a, telemetry.PROVIDER_HEALTHY) == 1
        assert meters.one(a, telemetry.PROVIDER_FAILURES) == 0
        await asyncio.sleep(3.0)
        assert meters.one(a, telemetry.PROVIDER_HEALTHY) == 0
        assert meters.one(a, telemetry.PROVIDER_FAILURES) == 1
        await asyncio.sleep(10.0)
        assert meters.one(a, telemetry.PROVIDER_HEALTHY) == 1


async def test_mailboxes_of_virtual_actors_are_counted_by_kind(
    members: Members, meters: Meters
) -> None:
    (a,) = await members.start(1, kinds=[Echo])
    waiting = [asyncio.ensure_future(a.grain(Echo, "x").wait()) for _ in range(4)]
    await asyncio.sleep(0.5)
    assert meters.of(a, core.MAILBOX_LENGTH)["Echo"] == 3
    await asyncio.gather(*waiting)


async def test_kinds_that_callers_invent_are_bounded_in_number(
    members: Members, meters: Meters
) -> None:
    (a,) = await members.start(1, kinds=[Echo])

    async def call(kind: str) -> None:
        with contextlib.suppress(NotDelivered):
            await a.request(kind, "x", kind, returns=str, timeout=0.02)

    await asyncio.gather(*(call(f"Kind{number}") for number in range(300)))
    for name in (telemetry.REQUEST_DURATION, telemetry.RETRIES):
        points = meters.of(a, name)
        assert len(points) <= 201, name
        assert any("other" in str(labels) for labels in points), name


async def test_identities_and_pids_are_no_labels(
    members: Members, meters: Meters
) -> None:
    (a,) = await members.start(1, kinds=[Echo])
    for number in range(50):
        await a.grain(Echo, f"name-{number}").say("hello")
    for name in telemetry.METRICS:
        assert len(meters.points(name)) <= 4, name


async def test_a_member_that_left_is_observed_no_more(
    members: Members, meters: Meters
) -> None:
    a, b = await members.start(2, kinds=[Echo])
    assert meters.one(b, telemetry.MEMBERS_COUNT) == 2
    await members.leave(b)
    assert meters.of(b, telemetry.MEMBERS_COUNT) == {}
    assert meters.one(a, telemetry.MEMBERS_COUNT) == 1


async def test_without_an_sdk_nothing_is_timed() -> None:
    async with Members() as members:
        (a,) = await members.start(1, kinds=[Echo])
        await a.grain(Echo, "x").say("hello")
        assert a.durations is None
