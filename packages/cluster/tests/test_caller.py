"""What a call promises: its outcome, its time, and how often it runs."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Sequence
from functools import partial

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from protoactor import (
    ActorError,
    DeadLetterEvent,
    Expired,
    NotDelivered,
    OutcomeUnknown,
    RequestTimeout,
)
from protoactor_cluster import (
    CallCycle,
    Cluster,
    ClusterIdentity,
    Grain,
    GrainError,
    Kind,
    Member,
    rpc,
)
from protoactor_testkit import Members

OVERTIME = 0.02
"""How much longer than its timeout a call may take."""


class Worker(Grain, idle_timeout=0.0):
    """Notes what runs."""

    ran: list[str]

    async def work(self, label: str, seconds: float = 0.0) -> str:
        self.ran.append(label)
        await asyncio.sleep(seconds)
        self.ran.append(f"{label} done")
        return self.cluster.member_id

    @rpc(idempotent=True)
    async def work_at_least_once(self, label: str, seconds: float = 0.0) -> str:
        return await self.work(label, seconds)

    @rpc(timeout=1.5)
    async def time_left_for_short_work(self) -> float:
        return await self.time_left()

    async def fail(self, label: str) -> None:
        self.ran.append(label)
        raise ValueError(label)

    async def time_left(self) -> float:
        assert self.call.deadline is not None
        return self.call.deadline - asyncio.get_running_loop().time()

    async def time_left_of(self, other: str, after: float, timeout: float) -> float:
        await asyncio.sleep(after)
        return await self.cluster.grain(Worker, other, timeout=timeout).time_left()

    async def ask_with_patience(self, other: str, timeout: float) -> str:
        grain = self.cluster.grain(Worker, other, timeout=timeout)
        try:
            return await grain.work("nested", 50.0)
        except ActorError as error:
            return type(error).__name__


class Slow(Grain, idle_timeout=0.0):
    """Takes a second to start."""

    starts: list[str]

    async def on_activate(self) -> None:
        self.starts.append(self.identity.name)
        await asyncio.sleep(1.0)

    async def use(self) -> str:
        return "used"


class NoHost:
    """A strategy that finds no host good enough."""

    def choose(self, hosts: Sequence[Member], requester: str) -> Member | None:
        return None


@pytest.fixture(autouse=True)
def ran() -> list[str]:
    Worker.ran, Slow.starts = [], []
    return Worker.ran


KINDS = [Worker, Slow]


async def elsewhere(members: Members, name: str = "x") -> tuple[Cluster, Cluster]:
    """A member that has called `Worker/x`, and another one that hosts it."""
    for member in members.alive:
        await member.grain(Worker, name).work("first")
    Worker.ran.clear()
    host = members.host_of(Worker, name)
    return next(it for it in members.alive if it is not host), host


def name_owned_elsewhere(member: Cluster) -> str:
    for number in itertools.count():
        owner = member.lookup.owner_actor(ClusterIdentity("Worker", str(number)))
        if owner is not None and owner.address != member.member_address:
            return str(number)
    raise AssertionError


class Clock:
    """How long something took."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._started = self._loop.time()

    @property
    def elapsed(self) -> float:
        return self._loop.time() - self._started


# -- deadlines


TROUBLES = ["busy", "frozen", "cut off", "no host", "no owner", "starts slowly"]


@pytest.mark.parametrize("timeout", [0.05, 0.3, 0.9, 7.0])
@pytest.mark.parametrize("trouble", TROUBLES)
async def test_trap_33_a_call_ends_within_20_ms_of_its_deadline(
    members: Members, trouble: str, timeout: float
) -> None:
    slow = Kind.of(Slow, strategy=NoHost) if trouble == "no host" else Slow
    await members.start(3, kinds=[Worker, slow])
    caller, host = await elsewhere(members)
    grain = caller.grain(Worker, "x", timeout=timeout)
    method = partial(grain.work, "long", 99.0)
    match trouble:
        case "cut off":
            members.partition(host, [it for it in members.alive if it is not host])
        case "no owner":
            name = name_owned_elsewhere(caller)
            members.partition(caller, [it for it in members.alive if it is not caller])
            method = partial(caller.grain(Worker, name, timeout=timeout).work, "new")
        case "frozen":
            members.freeze(host)
        case "no host" | "starts slowly":
            method = caller.grain(Slow, "x", timeout=timeout).use
        case _:
            pass
    clock = Clock()
    result = (await asyncio.gather(method(), return_exceptions=True))[0]
    assert isinstance(result, ActorError) or timeout > 1.0
    assert clock.elapsed <= timeout + OVERTIME


async def test_a_nested_call_has_what_is_left_of_the_outer_one(
    members: Members,
) -> None:
    a, _, _ = await members.start(3, kinds=KINDS)
    outer = a.grain(Worker, "outer", timeout=3.0)
    assert 1.8 < await outer.time_left_of("inner", 1.0, timeout=60.0) <= 2.0
    assert await outer.time_left_of("inner", 1.0, timeout=0.5) <= 0.5


async def test_a_nested_call_ends_with_the_outer_one(
    members: Members, ran: list[str]
) -> None:
    a, _, _ = await members.start(3, kinds=KINDS)
    await a.grain(Worker, "outer").work("up")
    await a.grain(Worker, "inner").work("up")
    clock = Clock()
    with pytest.raises(RequestTimeout):
        await a.grain(Worker, "outer", timeout=2.0).ask_with_patience("inner", 60.0)
    assert clock.elapsed <= 2.0 + OVERTIME
    # its host has given up at the same time: the grain is free again
    assert await a.grain(Worker, "outer", timeout=1.0).time_left() > 0.9


async def test_a_message_whose_deadline_passes_in_a_queue_never_runs(
    members: Members, ran: list[str]
) -> None:
    await members.start(2, kinds=KINDS)
    caller, host = await elsewhere(members)
    long = asyncio.create_task(caller.grain(Worker, "x").work("long", 3.0))
    await asyncio.sleep(0.5)
    with pytest.raises(Expired):
        await host.grain(Worker, "x", timeout=1.0).work("late")
    with pytest.raises(ActorError):  # how far it came is not known on this side
        await caller.grain(Worker, "x", timeout=1.0).work("late, from far")
    await long
    await caller.grain(Worker, "x").work("next")
    assert ran == ["long", "long done", "next", "next done"]


async def test_trap_33_options_belong_to_one_call(members: Members) -> None:
    a, _ = await members.start(2, kinds=KINDS)
    with pytest.raises(ActorError):
        await a.grain(Worker, "x", timeout=0.2, retries=0).work("long", 2.0)
    await asyncio.sleep(2.0)
    left = await a.grain(Worker, "x").time_left()
    assert 4.9 < left <= a.request_timeout
    assert await a.grain(Worker, "x").work("long", 4.0)


async def test_a_method_has_a_timeout_of_its_own_unless_the_handle_has(
    members: Members,
) -> None:
    a, _ = await members.start(2, kinds=KINDS)
    assert 1.4 < await a.grain(Worker, "x").time_left_for_short_work() <= 1.5
    patient = a.grain(Worker, "x", timeout=30.0)
    assert 29.9 < await patient.time_left_for_short_work() <= 30.0
    with_headers = a.grain(Worker, "x", headers={"tenant": "blue"})
    assert 1.4 < await with_headers.time_left_for_short_work() <= 1.5


# -- retries


async def test_a_call_that_may_have_run_is_not_sent_again(
    members: Members, ran: list[str]
) -> None:
    await members.start(3, kinds=KINDS)
    caller, host = await elsewhere(members)
    call = asyncio.create_task(caller.grain(Worker, "x", timeout=30.0).work("y", 5.0))
    await asyncio.sleep(0.1)
    clock = Clock()
    await members.crash(host)
    with pytest.raises(OutcomeUnknown):
        await call
    assert clock.elapsed < 1.0, "a broken connection is noticed at once"
    await asyncio.sleep(10.0)
    assert ran == ["y"]


async def test_an_idempotent_method_is_sent_again(
    members: Members, ran: list[str]
) -> None:
    await members.start(3, kinds=KINDS)
    caller, host = await elsewhere(members)
    former = host.member_id
    grain = caller.grain(Worker, "x", timeout=30.0)
    call = asyncio.create_task(grain.work_at_least_once("y", 1.0))
    await asyncio.sleep(0.1)
    await members.crash(host)
    assert await call != former
    assert ran == ["y", "y", "y done"]


async def test_what_a_method_raised_is_not_tried_again(
    members: Members, ran: list[str]
) -> None:
    await members.start(2, kinds=KINDS)
    caller, _ = await elsewhere(members)
    with pytest.raises(GrainError, match="wrong"):
        await caller.grain(Worker, "x", timeout=30.0).fail("wrong")
    assert ran == ["wrong"]


@pytest.mark.parametrize("retries", [0, 1, None])
async def test_trap_34_a_stale_pid_on_a_living_member_costs_one_dead_letter(
    members: Members, ran: list[str], retries: int | None
) -> None:
    await members.start(2, kinds=[Kind.of(Worker, idle_timeout=2.0), Slow])
    caller, host = await elsewhere(members)
    await asyncio.sleep(10.0)
    with pytest.raises(LookupError):  # it was passivated, and nobody told the caller
        members.host_of(Worker, "x")
    dead: list[DeadLetterEvent] = []
    host.system.events.subscribe(dead.append, DeadLetterEvent)
    clock, grain = Clock(), caller.grain(Worker, "x", retries=retries)
    if retries == 0:
        with pytest.raises(NotDelivered):
            await grain.work("again")
    else:
        await grain.work("again")
    assert clock.elapsed < 0.1
    assert len(dead) == 1
    assert ran == ([] if retries == 0 else ["again", "again done"])


async def test_waiting_for_a_member_is_no_retry(members: Members) -> None:
    client = await members.connect()
    call = asyncio.create_task(client.grain(Worker, "x", retries=0).work("y"))
    await asyncio.sleep(2.0)
    (a,) = await members.start(1, kinds=KINDS)
    assert await call == a.member_id


async def test_waiting_for_a_hand_over_is_no_retry(members: Members) -> None:
    a, b = await members.start(2, kinds=KINDS)
    members.network.delay(a.member_address, b.member_address, 0.2)
    await members.start(1, kinds=KINDS, settle=False)
    assert not a.settled
    names = [str(number) for number in range(20)]
    calls = [a.grain(Worker, name, retries=0).work(name) for name in names]
    assert all(await asyncio.gather(*calls))


async def test_trap_33_pauses_between_attempts_are_milliseconds_and_grow(
    members: Members,
) -> None:
    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    async with Members(name="traced", tracer_provider=provider) as traced:
        (a,) = await traced.start(1, kinds=[Kind.of(Slow, strategy=NoHost)])
        for timeout, least, most in ((0.1, 3, 9), (5.0, 10, 30)):
            exporter.clear()
            with pytest.raises(NotDelivered, match="none of its hosts"):
                await a.grain(Slow, "x", timeout=timeout).use()
            spans = exporter.get_finished_spans()
            (call,) = [span for span in spans if span.name == "grain.call"]
            attempts = (call.attributes or {})["protoactor.attempts"]
            assert attempts in range(least, most + 1)


# -- idempotency keys


async def test_trap_32_with_a_key_it_runs_once_although_the_first_answer_came_too_late(
    members: Members, ran: list[str]
) -> None:
    await members.start(2, kinds=KINDS)
    caller, host = await elsewhere(members)

    def keyed(timeout: float) -> Worker:
        return caller.grain(Worker, "x", timeout=timeout, idempotency_key="order-17")

    with pytest.raises(OutcomeUnknown):
        await keyed(1.0).work("order", 2.0)
    assert await keyed(5.0).work("order", 2.0) == host.member_id
    assert await keyed(5.0).work("order", 2.0) == host.member_id
    assert ran == ["order", "order done"]


async def test_trap_32_without_a_key_it_runs_as_often_as_it_is_called(
    members: Members, ran: list[str]
) -> None:
    await members.start(2, kinds=KINDS)
    caller, _ = await elsewhere(members)
    with pytest.raises(OutcomeUnknown):
        await caller.grain(Worker, "x", timeout=1.0).work("order", 2.0)
    await caller.grain(Worker, "x").work("order")
    assert ran.count("order") == 2


async def test_trap_32_late_answers_leave_nothing_behind(members: Members) -> None:
    await members.start(2, kinds=KINDS)
    caller, _ = await elsewhere(members)
    before = len(asyncio.all_tasks())
    for _ in range(50):
        with pytest.raises(OutcomeUnknown):
            await caller.grain(Worker, "x", timeout=0.1).work("late", 0.2)
        await asyncio.sleep(0.2)
    await asyncio.sleep(5.0)
    assert len(asyncio.all_tasks()) < before + 10


async def test_a_key_holds_as_long_as_the_activation(
    members: Members, ran: list[str]
) -> None:
    (a,) = await members.start(1, kinds=[Kind.of(Worker, idle_timeout=2.0)])
    for _ in range(2):
        await a.grain(Worker, "x", idempotency_key="k").work("once")
    await asyncio.sleep(5.0)
    await a.grain(Worker, "x", idempotency_key="k").work("once")
    assert ran.count("once") == 2


# -- cancellation


async def test_a_cancelled_call_that_is_still_queued_never_runs(
    members: Members, ran: list[str]
) -> None:
    await members.start(2, kinds=KINDS)
    _, host = await elsewhere(members)
    long = asyncio.create_task(host.grain(Worker, "x").work("long", 2.0))
    await asyncio.sleep(0.5)
    queued = asyncio.create_task(host.grain(Worker, "x").work("queued"))
    await asyncio.sleep(0.5)
    queued.cancel()
    await long
    await host.grain(Worker, "x").work("next")
    assert ran == ["long", "long done", "next", "next done"]


async def test_a_cancelled_call_that_runs_is_not_torn_down(
    members: Members, ran: list[str]
) -> None:
    await members.start(2, kinds=KINDS)
    caller, host = await elsewhere(members)
    for member in (caller, host):
        ran.clear()
        call = asyncio.create_task(member.grain(Worker, "x").work("y", 2.0))
        await asyncio.sleep(0.5)
        call.cancel()
        await member.grain(Worker, "x").work("next")
        assert ran == ["y", "y done", "next", "next done"]


async def test_an_activation_that_others_wait_for_is_not_cancelled_by_one(
    members: Members,
) -> None:
    a, b = await members.start(2, kinds=KINDS)
    calls = [
        asyncio.create_task(member.grain(Slow, "x").use())
        for member in (a, a, a, b, b, b)
    ]
    await asyncio.sleep(0.5)
    for call in calls[::3]:
        call.cancel()
    await asyncio.sleep(0.2)
    others = [call for call in calls if not call.cancelled()]
    assert await asyncio.gather(*others) == ["used"] * 4
    assert Slow.starts == ["x"]


# -- cycles


class Chain(Grain):
    async def call_along(self, names: list[str]) -> str:
        if not names:
            return "end"
        return await self.cluster.grain(Chain, names[0]).call_along(names[1:])

    async def call_beside(self, names: list[str]) -> str:
        """From a task that it started."""
        return await asyncio.create_task(self.call_along(names))

    async def cycle_of(self, name: str) -> list[str]:
        try:
            await self.cluster.grain(Chain, name).call_along([])
        except CallCycle as error:
            return list(error.cycle)
        return []


async def test_trap_30_a_cycle_is_reported_at_once_with_the_grains_in_it(
    members: Members,
) -> None:
    a, _, _ = await members.start(3, kinds=[Chain])
    clock = Clock()
    for method in (a.grain(Chain, "a").call_along, a.grain(Chain, "a").call_beside):
        with pytest.raises(GrainError, match=r"Chain/a -> Chain/b -> Chain/a"):
            await method(["b", "a"])
    assert clock.elapsed < 1.0
    assert await a.grain(Chain, "a").cycle_of("a") == ["Chain/a", "Chain/a"]
    assert await a.grain(Chain, "a").call_along(["b", "c", "d"]) == "end"
