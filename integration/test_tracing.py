"""Three members and a client export to a real receiver; whole traces are compared."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest_asyncio
from etcd_server import EtcdServer
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from otlp_receiver import Branch, OtlpReceiver, ReceivedSpan, receiving
from programs import Program
from traced_member import Napper, Worker

from protoactor import PID, ActorSystem, OutcomeUnknown, Touch, Touched
from protoactor_cluster import Cluster, ClusterIdentity, PartitionLookup, telemetry
from protoactor_cluster.sampler import ClusterSampler
from protoactor_remote import Remote

MEMBER = Path(__file__).parent / "traced_member.py"
INSTRUMENT = str(Path(sys.executable).parent / "opentelemetry-instrument")
TTL = 10.0
"""Seconds: a member that is frozen for a moment stays a member."""


HANDLE = "grain.handle"
ACTIVATION = ("identity.owner", "activation.place", "activation.start", HANDLE)
IDENTITY_OWNER = "partition-identity"


@dataclass(frozen=True, slots=True)
class Call:
    """A call and the names of those who took part in it."""

    name: str
    tree: Branch
    owner: str
    host: str


class Scene:
    """A cluster of real processes, and what the receiver hears of it."""

    def __init__(self, provider: str, receiver: OtlpReceiver) -> None:
        self.provider = provider
        self.receiver = receiver
        self.client: Cluster
        self.members: dict[str, Program] = {}
        """By name."""
        self.names: dict[str, str] = {}
        """By address."""
        self._fresh = 0

    def program(self, name: str, *arguments: str) -> Program:
        """A member whose telemetry is set up by its environment alone."""
        return Program(
            MEMBER,
            self.provider,
            *arguments,
            launcher=[INSTRUMENT],
            environment={
                "OTEL_SERVICE_NAME": name,
                "OTEL_EXPORTER_OTLP_ENDPOINT": self.receiver.endpoint,
                "OTEL_TRACES_SAMPLER": "protoactor",
                "OTEL_BSP_SCHEDULE_DELAY": "100",
                "OTEL_METRICS_EXPORTER": "none",
                "OTEL_LOGS_EXPORTER": "none",
            },
        )

    async def start(self, stack: AsyncExitStack, *names: str) -> None:
        """Start members and wait until all of them see each other."""
        started = {name: self.program(name) for name in names}
        self.members |= started
        async with asyncio.TaskGroup() as group:
            for program in started.values():
                group.create_task(stack.enter_async_context(program))
        for name, program in started.items():
            joined = await program.says(r"joined (\S+)\s", timeout=60.0)
            self.names[joined[1]] = name
        count = len(self.members)
        for program in self.members.values():
            await program.says(f"sees {count} members", timeout=60.0)

    async def until(self, look: Callable[[], ReceivedSpan | None]) -> ReceivedSpan:
        """Wait for a span."""
        return await asyncio.to_thread(self.receiver.until, look, "the span")

    async def tree(self, root: ReceivedSpan, *names: str) -> Branch:
        """Wait until a trace is whole: each process exports when it likes to.

        These spans are in it, and none without its parent.
        """

        def look() -> Branch | None:
            spans = [s for s in self.receiver.spans() if s.trace == root.trace]
            ids = {span.id for span in spans} | {""}
            whole = all(span.parent in ids for span in spans)
            missing = Counter(names) - Counter(span.name for span in spans)
            return self.receiver.tree(root.trace) if whole and not missing else None

        try:
            return await asyncio.to_thread(self.receiver.until, look, "the whole trace")
        except AssertionError as error:
            spans = [s for s in self.receiver.spans() if s.trace == root.trace]
            for span in spans:
                error.add_note(repr(span))
            raise

    async def call(self, kind: type[Worker] | type[Napper], name: str) -> ReceivedSpan:
        """Call a grain; returns the span of the call."""
        seen = {span.id for span in self.receiver.spans("grain.call")}
        await self.client.grain(kind, name, timeout=60.0).work()
        return await self.new_call(f"{kind.__kind__}/{name}", seen)

    async def new_call(self, identity: str, seen: set[str]) -> ReceivedSpan:
        def look() -> ReceivedSpan | None:
            for span in self.receiver.spans("grain.call"):
                fits = said(span, telemetry.IDENTITY) == identity and not span.failed
                if fits and span.id not in seen:
                    return span
            return None

        return await self.until(look)

    async def first_call(self, kind: type[Worker] | type[Napper]) -> Call:
        """Call identities until one is hosted by another member than its owner."""
        while True:
            self._fresh += 1
            name = f"new-{self._fresh}"
            tree = await self.tree(await self.call(kind, name), *ACTIVATION)
            owner = find(tree, "identity.owner").service
            host = find(tree, "activation.start").service
            assert tree.lines() == activation(owner, host)
            if owner != host:
                return Call(name, tree, owner, host)

    def name_owned_by(self, member: str) -> str:
        """A name that nobody has used and this member owns, as the client sees it."""
        lookup = self.client.lookup
        assert isinstance(lookup, PartitionLookup)
        while True:
            self._fresh += 1
            identity = ClusterIdentity("Worker", f"new-{self._fresh}")
            if self.names.get(lookup.owner_of(identity) or "") == member:
                return identity.name

    def address(self, member: str) -> str:
        return next(at for at, name in self.names.items() if name == member)

    async def reached(self, member: str) -> None:
        """Wait until the owner there has taken all that the client has sent."""
        owner = PID(self.address(member), IDENTITY_OWNER)
        for _ in range(2):  # the first answer lets everything else be sent
            await self.client.system.request(
                owner, Touch(), returns=Touched, timeout=30.0
            )


def said(span: ReceivedSpan, attribute: str) -> object:
    return span.attributes.get(attribute)


def find_all(tree: Branch, name: str) -> list[ReceivedSpan]:
    own = [tree.span] if tree.span.name == name else []
    return [*own, *(s for child in tree.children for s in find_all(child, name))]


def find(tree: Branch, name: str) -> ReceivedSpan:
    """The only span of this name."""
    (span,) = find_all(tree, name)
    return span


def find_last(tree: Branch, name: str) -> ReceivedSpan:
    return find_all(tree, name)[-1]


def activation(owner: str, host: str) -> list[str]:
    """A call that finds no activation, as lines of its tree."""
    return [
        "grain.call @client",
        "  identity.lookup @client",
        f"    identity.owner @{owner}",
        f"      activation.place @{owner}",
        f"        activation.start @{host}",
        f"  grain.handle @{host}",
    ]


@asynccontextmanager
async def client(scene: Scene) -> AsyncGenerator[Cluster, None]:
    """A client with its own SDK, as a program sets it up that has other plans too."""
    tracers = TracerProvider(
        sampler=ClusterSampler(1.0),
        resource=Resource({"service.name": "client"}),
    )
    exporter = OTLPSpanExporter(scene.receiver.endpoint, insecure=True)
    tracers.add_span_processor(BatchSpanProcessor(exporter, schedule_delay_millis=100))
    try:
        async with (
            ActorSystem(tracer_provider=tracers) as system,
            Remote(system) as remote,
            Cluster(remote, "traced", provider=scene.provider, client=True) as cluster,
        ):
            yield cluster
    finally:
        await asyncio.to_thread(tracers.shutdown)


@pytest_asyncio.fixture
async def stack() -> AsyncIterator[AsyncExitStack]:
    async with AsyncExitStack() as stack:
        yield stack


@pytest_asyncio.fixture
async def scene(shared_etcd: EtcdServer, stack: AsyncExitStack) -> AsyncIterator[Scene]:
    url = f"etcd://{shared_etcd.endpoint}?lease_ttl={TTL}"
    with receiving() as receiver:
        scene = Scene(url, receiver)
        await scene.start(stack, "one", "two", "three")
        async with client(scene) as scene.client:
            async with asyncio.timeout(30.0):
                while len(scene.client.topology) < 3:  # noqa: ASYNC110 (of a process)
                    await asyncio.sleep(0.05)
            yield scene


async def test_every_call_explains_itself(scene: Scene, stack: AsyncExitStack) -> None:
    first = await scene.first_call(Worker)
    await warm_call(scene, first)
    await passivation_and_activation(scene)
    await call_during_a_handover(scene, stack)
    await call_after_its_host_was_killed(scene)


async def warm_call(scene: Scene, first: Call) -> None:
    tree = await scene.tree(await scene.call(Worker, first.name), HANDLE)
    assert tree.lines() == ["grain.call @client", f"  grain.handle @{first.host}"]
    assert said(tree.span, telemetry.PID_SOURCE) == "cache"
    assert tree.span.events == ()


async def passivation_and_activation(scene: Scene) -> None:
    first = await scene.first_call(Napper)
    started = find(first.tree, "activation.start")
    identity = said(started, telemetry.IDENTITY)

    def stopped() -> ReceivedSpan | None:
        stops = scene.receiver.spans("activation.stop")
        return next((s for s in stops if said(s, telemetry.IDENTITY) == identity), None)

    stop = await scene.until(stopped)
    assert (await scene.tree(stop)).lines() == [f"activation.stop @{first.host}"]
    assert said(stop, telemetry.ENDING) == "passivated"
    assert stop.links == (("activation.start", started.trace, started.id),)
    again = await scene.tree(await scene.call(Napper, first.name), *ACTIVATION)
    host = find(again, "activation.start").service
    assert again.lines() == activation(first.owner, host)
    # the client still had the old address; nothing of the call ran there
    assert again.span.events == (telemetry.RETRY,)
    placed = find(again, "activation.place")
    assert said(placed, telemetry.AFTER) == "passivated"
    assert placed.links == (("passivated", stop.trace, stop.id),)


async def call_during_a_handover(scene: Scene, stack: AsyncExitStack) -> None:
    """A fourth member joins while another one cannot say what it hosts."""
    fourth = scene.program("four", "--wait")
    await stack.enter_async_context(fourth)
    await fourth.says("waits", timeout=60.0)
    frozen = scene.members["three"]
    frozen.signal(signal.SIGSTOP)
    try:
        fourth.signal(signal.SIGUSR1)
        joined = await fourth.says(r"joined (\S+)\s", timeout=60.0)
        await scene.members["one"].says("sees 4 members", timeout=30.0)
        async with asyncio.timeout(30.0):
            while len(scene.client.topology) < 4:  # noqa: ASYNC110 (of a process)
                await asyncio.sleep(0.05)
        call = asyncio.create_task(
            scene.call(Worker, scene.name_owned_by("one")), name="call"
        )
        await scene.reached("one")
        assert not call.done()
    finally:
        frozen.signal(signal.SIGCONT)
    scene.members["four"], scene.names[joined[1]] = fourth, "four"
    tree = await scene.tree(await call, *ACTIVATION)
    assert tree.lines() == activation("one", find(tree, "activation.start").service)
    (link,) = tree.span.links
    assert find(tree, "identity.owner").links == (link,)
    why, trace, span = link
    assert why == "handover"

    def linked() -> ReceivedSpan | None:
        handovers = scene.receiver.spans("handover")
        return next((s for s in handovers if (s.trace, s.id) == (trace, span)), None)

    handover = await scene.tree(
        await scene.until(linked), *["handover.pull", "handover.serve"] * 4
    )
    head, below, *pulls = handover.lines()
    assert [head, below] == ["cluster.topology @one", "  handover @one"]
    assert pulls[::2] == ["    handover.pull @one"] * 4
    assert sorted(pulls[1::2]) == [
        f"      handover.serve @{name}" for name in sorted(scene.members)
    ]
    assert said(find(handover, "handover"), telemetry.OUTCOME) == "complete"


async def call_until_known(scene: Scene, name: str) -> ReceivedSpan:
    """Call; what was under way when the connection broke may have run, so not again."""
    while True:
        try:
            return await scene.call(Worker, name)
        except OutcomeUnknown as error:
            print(f"unknown, so called again: {error}")


async def call_after_its_host_was_killed(scene: Scene) -> None:
    first = await scene.first_call(Worker)
    scene.members[first.host].signal(signal.SIGKILL)
    tree = await scene.tree(await call_until_known(scene, first.name), *ACTIVATION)
    host = find_last(tree, "activation.start").service
    assert host != first.host
    attempts = said(tree.span, telemetry.ATTEMPTS)
    assert tree.span.events == (telemetry.RETRY,) * (int(str(attempts)) - 1)
    assert tree.span.events
    assert not tree.failed
    done = [child for child in tree.children if not child.failed]
    lines = [line for child in done for line in child.lines(1)]
    assert lines == activation(first.owner, host)[1:]
    for child in tree.children:
        if child.failed:
            head, *_ = child.lines()
            assert head == "identity.lookup @client"
    placed = find_last(tree, "activation.place")
    assert said(placed, telemetry.AFTER) == "host left"
    why, trace, span = placed.links[0]
    assert why == "host left"
    topology = await scene.until(
        lambda: next((s for s in scene.receiver.spans() if s.id == span), None)
    )
    assert (topology.name, topology.trace) == ("handover", trace)
    assert topology.service == first.owner
