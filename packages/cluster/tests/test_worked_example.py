"""Roger and Alexey: a member joins, ownership moves, the activations stay.

Three members listen on the ports 8080 to 8082. "Roger" is owned by the one on 8081
and lives on 8080. A fourth comes, on 8083, and owns him from then on.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence

import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from protoactor_cluster import (
    Cluster,
    ClusterIdentity,
    DuplicateActivation,
    Grain,
    Kind,
    Member,
)
from protoactor_testkit import Members

pytestmark = pytest.mark.virtual_time
HOST = "127.0.0.1:8080"


class OnFirst:
    """Places everything on the member that listens on 8080."""

    def choose(self, hosts: Sequence[Member], requester: str) -> Member | None:
        return next((it for it in hosts if it.address == HOST), None)


class User(Grain, idle_timeout=0.0):
    def __init__(self) -> None:
        self._greetings = 0

    async def greet(self) -> int:
        self._greetings += 1
        return self._greetings


class Trace:
    """The spans of all members together, as a collector would have them."""

    def __init__(self) -> None:
        self.provider = TracerProvider()
        self._exporter = InMemorySpanExporter()
        self.provider.add_span_processor(SimpleSpanProcessor(self._exporter))

    @property
    def spans(self) -> Sequence[ReadableSpan]:
        return self._exporter.get_finished_spans()

    def forget(self) -> None:
        self._exporter.clear()

    def find(self, name: str, **attributes: object) -> list[ReadableSpan]:
        """Spans of this name with these attributes (`_` for `.`, `protoactor.` left out)."""
        wanted = {
            f"protoactor.{key.replace('_', '.')}": value
            for key, value in attributes.items()
        }
        return [
            span
            for span in self.spans
            if span.name == name
            and wanted.items() <= dict(span.attributes or {}).items()
        ]

    def path(self, span: ReadableSpan) -> str:
        """Names from the root of its trace down to this span."""
        by_id = {it.context.span_id: it for it in self.spans if it.context}
        names: list[str] = []
        above: ReadableSpan | None = span
        while above is not None:
            names.append(above.name)
            above = by_id.get(above.parent.span_id) if above.parent else None
        return " > ".join(reversed(names))


@pytest.fixture
def trace() -> Trace:
    return Trace()


@pytest.fixture
async def members(trace: Trace) -> AsyncIterator[Members]:
    async with Members(tracer_provider=trace.provider) as members:
        yield members


async def start(members: Members, port: int) -> Cluster:
    kind = Kind.of(User, strategy=OnFirst)
    (member,) = await members.start(1, kinds=[kind], port=port)
    return member


def owner_of(cluster: Cluster, name: str) -> str:
    pid = cluster.lookup.owner_actor(ClusterIdentity("User", name))
    assert pid is not None
    return pid.address


async def test_ownership_moves_and_the_activation_stays(members: Members) -> None:
    three = [await start(members, port) for port in (8080, 8081, 8082)]
    duplicates: list[DuplicateActivation] = []
    for member in three:
        member.system.events.subscribe(duplicates.append, DuplicateActivation)
    first = three[0]
    for name in ("Roger", "Alexey"):
        assert [await it.grain(User, name).greet() for it in three] == [1, 2, 3]
    before = {name: first.activation("User", name) for name in ("Roger", "Alexey")}
    assert {it and it.address for it in before.values()} == {HOST}
    assert {owner_of(it, "Roger") for it in three} == {"127.0.0.1:8081"}
    assert {owner_of(it, "Alexey") for it in three} == {"127.0.0.1:8082"}

    four = [*three, await start(members, 8083)]

    assert {owner_of(it, "Roger") for it in four} == {"127.0.0.1:8083"}
    assert {owner_of(it, "Alexey") for it in four} == {"127.0.0.1:8082"}
    for name, pid in before.items():
        assert first.activation("User", name) == pid
        assert [await it.get("User", name) for it in four] == [pid] * 4
        assert [await it.grain(User, name).greet() for it in four] == [4, 5, 6, 7]
    assert [it.activations for it in four] == [2, 0, 0, 0]
    assert duplicates == []


async def test_the_trace_tells_who_owns_and_who_hosts(
    members: Members, trace: Trace
) -> None:
    first, owner, third = [await start(members, port) for port in (8080, 8081, 8082)]
    trace.forget()
    await third.grain(User, "Roger").greet()
    (started,) = trace.find("activation.start", identity="User/Roger")
    assert trace.path(started) == (
        "grain.call > identity.lookup > identity.owner > activation.place"
        " > activation.start"
    )
    assert trace.find("identity.owner", member_id=owner.member_id)
    assert trace.find("activation.place", host_address=HOST)
    assert trace.find("activation.start", member_id=first.member_id)
    (handled,) = trace.find("grain.handle", member_id=first.member_id, method="greet")
    assert trace.path(handled) == "grain.call > grain.handle"


async def test_the_trace_tells_of_the_hand_over(members: Members, trace: Trace) -> None:
    first, _, _ = [await start(members, port) for port in (8080, 8081, 8082)]
    await first.grain(User, "Roger").greet()
    trace.forget()

    newcomer = await start(members, 8083)

    served = trace.find("handover.serve", member_id=first.member_id)
    handed = [
        it for it in served if (it.attributes or {})["protoactor.handover.activations"]
    ]
    (roger,) = handed
    assert trace.path(roger) == (
        "cluster.topology > handover > handover.pull > handover.serve"
    )
    # it may begin under a smaller version, until it hears how far others have counted
    *_, mine = trace.find("handover", member_id=newcomer.member_id)
    assert dict(mine.attributes or {})["protoactor.outcome"] == "complete"
    assert roger.context and mine.context
    assert roger.context.trace_id == mine.context.trace_id
    pulled = trace.find("handover.pull", host_address=HOST)
    assert {it.parent and it.parent.span_id for it in pulled} >= {mine.context.span_id}

    trace.forget()
    await newcomer.grain(User, "Roger").greet()
    (answered,) = trace.find("identity.owner", member_id=newcomer.member_id)
    assert trace.path(answered) == "grain.call > identity.lookup > identity.owner"
    assert dict(answered.attributes or {})["protoactor.host.address"] == HOST
    assert not trace.find("activation.place")
    assert not trace.find("activation.start")
    assert trace.find("grain.handle", member_id=first.member_id)


async def test_who_asks_during_the_hand_over_waits_and_its_trace_says_for_what(
    members: Members, trace: Trace
) -> None:
    first, second, _ = [await start(members, port) for port in (8080, 8081, 8082)]
    assert await first.grain(User, "Roger").greet() == 1
    members.network.delay(HOST, "127.0.0.1:8083", 0.15)
    trace.forget()
    joining = asyncio.create_task(start(members, 8083))
    while len(second.topology) < 4:  # noqa: ASYNC110 (virtual time costs nothing)
        await asyncio.sleep(0.01)
    client = await members.connect()
    loop = asyncio.get_running_loop()
    before = loop.time()
    assert await client.grain(User, "Roger").greet() == 2
    assert loop.time() - before > 0.2
    newcomer = await joining
    (waited,) = trace.find("identity.owner", member_id=newcomer.member_id)
    *_, handover = trace.find("handover", member_id=newcomer.member_id)
    assert handover.context
    linked = [link.context.span_id for link in waited.links]
    assert linked == [handover.context.span_id]
    assert not trace.find("activation.start")
