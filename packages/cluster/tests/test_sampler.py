"""A small share of calls, but every change of topology."""

from __future__ import annotations

import asyncio
from importlib.metadata import entry_points

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.sdk.trace.sampling import Sampler

from protoactor_cluster import Grain
from protoactor_cluster.sampler import ClusterSampler, from_argument
from protoactor_testkit.members import Members

pytestmark = pytest.mark.virtual_time


class Echo(Grain):
    async def say(self, text: str) -> str:
        return text


async def names_recorded(sampler: Sampler) -> set[str]:
    exporter = InMemorySpanExporter()
    provider = TracerProvider(sampler=sampler)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    async with Members(tracer_provider=provider) as members:
        a, _ = await members.start(2, kinds=[Echo])
        for number in range(20):
            await a.grain(Echo, f"name-{number}").say("hello")
    provider.shutdown()
    return {span.name for span in exporter.get_finished_spans()}


async def test_changes_of_topology_are_kept_whatever_the_share() -> None:
    assert await names_recorded(ClusterSampler(0.0)) == {
        "cluster.topology",
        "handover",
        "handover.pull",
        "handover.serve",
    }


async def test_all_calls_are_kept_with_a_share_of_one() -> None:
    recorded = await names_recorded(ClusterSampler())
    assert {"grain.call", "grain.handle", "activation.stop"} <= recorded


async def test_a_share_of_the_calls_is_kept() -> None:
    """Decided once per call: the sampler is asked before a span is made, not twice."""
    exporter = InMemorySpanExporter()
    provider = TracerProvider(sampler=ClusterSampler(0.5))
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    async with Members(tracer_provider=provider) as members:
        (a,) = await members.start(1, kinds=[Echo])
        await asyncio.gather(*(a.grain(Echo, "x").say("hello") for _ in range(1000)))
    provider.shutdown()
    names = [span.name for span in exporter.get_finished_spans()]
    assert 400 < names.count("grain.call") < 600  # six standard deviations
    assert names.count("grain.handle") == names.count("grain.call")


def test_the_environment_can_name_it() -> None:
    (point,) = entry_points(group="opentelemetry_traces_sampler", name="protoactor")
    sampler = point.load()("0.25")
    assert sampler.get_description() == "ClusterSampler{0.25}"
    assert from_argument(None).get_description() == "ClusterSampler{1.0}"


@pytest.mark.parametrize("share", [-0.1, 1.1])
def test_an_impossible_share_is_refused(share: float) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        ClusterSampler(share)
