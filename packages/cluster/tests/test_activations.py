"""How a virtual actor comes to life on some member, and how it ends there."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence

import pytest

from protoactor import (
    PID,
    Actor,
    Context,
    NotInfluenceReceiveTimeout,
    Props,
    RequestTimeout,
)
from protoactor_cluster import (
    ActivationFailed,
    Cluster,
    ClusterIdentity,
    Grain,
    GrainError,
    IdentityBlocked,
    Kind,
    Member,
    rpc,
)
from protoactor_cluster.placement import PLACEMENT
from protoactor_cluster.wire import cluster_pb2, grain_pb2, method_pb2
from protoactor_testkit import Members


class History:
    """What has happened to activations; nothing of it survives a test."""

    def __init__(self) -> None:
        self.started: Counter[str] = Counter()
        self.living: Counter[str] = Counter()
        self.failing: set[str] = set()
        self.stop_takes = 0.0
        self.twice: list[str] = []


class Counting(Grain):
    """Keeps a history, fails to start if it is told to."""

    history: History

    def __init__(self) -> None:
        self._total = 0

    async def on_activate(self) -> None:
        name = self.identity.name
        if name in self.history.failing:
            raise ValueError(f"{name} is not ready")
        self.history.started[name] += 1
        self.history.living[name] += 1
        if self.history.living[name] > 1:
            self.history.twice.append(name)

    async def on_deactivate(self) -> None:
        await asyncio.sleep(self.history.stop_takes)
        self.history.living[self.identity.name] -= 1

    async def add(self, seconds: float = 0.0) -> int:
        await asyncio.sleep(seconds)
        self._total += 1
        return self._total

    @rpc(reentrant=True)
    async def peek(self) -> int:
        return self._total


@pytest.fixture(autouse=True)
def history() -> History:
    Counting.history = History()
    return Counting.history


def virtual_time() -> float:
    return asyncio.get_running_loop().time()


# -- the start


async def test_trap_23_1000_first_calls_from_three_members_start_it_once(
    members: Members, history: History
) -> None:
    clusters = await members.start(3, kinds=[Counting])
    calls = [clusters[n % 3].grain(Counting, "x").add() for n in range(1000)]
    totals = await asyncio.gather(*calls)
    assert sorted(totals) == list(range(1, 1001))
    assert history.started == {"x": 1}


class Gate:
    """A predicate that takes a second, and does as it is told."""

    def __init__(self, answer: bool | Exception) -> None:
        self.asked: list[str] = []
        self._answer = answer

    async def __call__(self, identity: ClusterIdentity) -> bool:
        self.asked.append(identity.name)
        await asyncio.sleep(1.0)
        if isinstance(self._answer, Exception):
            raise self._answer
        return self._answer


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (True, None),
        (False, IdentityBlocked),
        (OSError("no database"), ActivationFailed),
    ],
)
async def test_trap_24_a_slow_predicate_is_asked_once_for_all_who_wait(
    members: Members,
    history: History,
    answer: bool | Exception,
    error: type[Exception] | None,
) -> None:
    gate = Gate(answer)
    kind = Kind.of(Counting, can_activate=gate)
    clusters = await members.start(3, kinds=[kind])
    before = virtual_time()
    calls = [clusters[n % 3].grain(Counting, "x").add() for n in range(30)]
    outcomes = await asyncio.gather(*calls, return_exceptions=True)
    assert virtual_time() - before < 1.5
    assert gate.asked == ["x"]
    if error is None:
        assert len(outcomes) == len(set(outcomes)) == 30
    else:
        assert {type(outcome) for outcome in outcomes} == {error}
        assert sum(cluster.activations for cluster in clusters) == 0
    assert history.started["x"] == (1 if error is None else 0)


async def test_trap_24_a_predicate_that_takes_for_ever_refuses(
    members: Members,
) -> None:
    async def ask(identity: ClusterIdentity) -> bool:
        await asyncio.Event().wait()
        return True

    kind = Kind.of(Counting, can_activate=ask)
    (a,) = await members.start(1, kinds=[kind], activation_timeout=2.0)
    before = virtual_time()
    with pytest.raises(ActivationFailed, match="nothing within 2 s"):
        await a.grain(Counting, "x", timeout=30.0).add()
    assert virtual_time() - before < 5.0


def explode() -> Counting:
    raise OSError("no licence")


@pytest.mark.parametrize("where", ["factory", "on_activate"])
async def test_trap_25_what_fails_to_start_is_an_error_at_once_and_tried_again(
    members: Members, history: History, where: str
) -> None:
    broken = where == "factory"
    create = explode if broken else Counting
    history.failing = {"x"}
    clusters = await members.start(2, kinds=[Kind.of(Counting, create=create)])
    for cluster in clusters:
        before = virtual_time()
        with pytest.raises(ActivationFailed, match=r"no licence|not ready"):
            await cluster.grain(Counting, "x", timeout=30.0).add()
        assert virtual_time() - before < 0.1
        assert [it.activations for it in clusters] == [0, 0]
        assert sum(it.activations_by_kind().total() for it in clusters) == 0
    if not broken:
        history.failing.clear()
        assert await clusters[0].grain(Counting, "x").add() == 1


# -- the end


async def test_trap_26_a_call_that_meets_a_passivation_is_never_lost(
    members: Members, history: History
) -> None:
    history.stop_takes = 0.05
    kind = Kind.of(Counting, idle_timeout=1.0)
    clusters = await members.start(3, kinds=[kind])
    for step in range(200):
        pause = 0.96 + step * 0.0005  # before, within and after its end
        await asyncio.gather(*(it.grain(Counting, "x").add() for it in clusters))
        await asyncio.sleep(pause)
    assert history.started["x"] > 50
    assert history.twice == []


async def test_trap_26_a_long_goodbye_is_waited_for(
    members: Members, history: History
) -> None:
    history.stop_takes = 3.0
    clusters = await members.start(3, kinds=[Kind.of(Counting, idle_timeout=1.0)])
    await asyncio.gather(*(it.grain(Counting, "x").add() for it in clusters))
    await asyncio.sleep(1.5)
    before = virtual_time()
    calls = [clusters[n % 3].grain(Counting, "x", retries=1).add() for n in range(30)]
    assert sorted(await asyncio.gather(*calls)) == list(range(1, 31))
    assert virtual_time() - before < 3.0
    assert history.twice == []


async def test_trap_27_idle_time_passes_although_reentrant_calls_came(
    members: Members, history: History
) -> None:
    (a,) = await members.start(1, kinds=[Kind.of(Counting, idle_timeout=2.0)])
    slow = asyncio.create_task(a.grain(Counting, "x").add(3.0))
    await asyncio.sleep(0.5)
    assert await a.grain(Counting, "x").peek() == 0
    assert await slow == 1
    await asyncio.sleep(0.5)
    assert a.activations == 1, "the time in which a method ran was not idle"
    await asyncio.sleep(5.0)
    assert a.activations == 0
    assert history.living["x"] == 0


async def test_trap_27_an_idle_timeout_of_0_means_never(members: Members) -> None:
    (a,) = await members.start(1, kinds=[Kind.of(Counting, idle_timeout=0.0)])
    await a.grain(Counting, "x").add()
    await asyncio.sleep(1000.0)
    assert await a.grain(Counting, "x").add() == 2


class Murmur(NotInfluenceReceiveTimeout):
    """Does not count as traffic."""


class Failure:
    """Makes the actor fail, which restarts it."""


class Plain(Actor):
    def receive(self, context: Context) -> None:
        match context.message:
            case Failure():
                raise RuntimeError("asked to")
            case "who":
                context.respond(str(context.self))
            case _:
                pass


@pytest.mark.parametrize("message", [Murmur(), Failure(), None])
async def test_trap_27_the_idle_timer_survives_restarts_and_messages_that_do_not_count(
    members: Members, message: object
) -> None:
    kind = Kind("Plain", Props(Plain), idle_timeout=5.0)
    (a,) = await members.start(1, kinds=[kind])
    pid = await a.get("Plain", "x")
    for _ in range(4):
        await asyncio.sleep(1.0)
        if message is not None:
            a.system.send(pid, message)
    assert a.activation("Plain", "x") == pid, "a restart keeps the PID"
    await asyncio.sleep(7.0)
    assert a.activations == 0


async def test_trap_28_the_late_end_of_an_old_activation_touches_no_new_one(
    members: Members, history: History
) -> None:
    clusters = await members.start(3, kinds=[Counting])
    caller = clusters[0]
    await caller.grain(Counting, "x").add()
    host = members.host_of(Counting, "x")
    old = host.activation("Counting", "x")
    assert old is not None
    await host.system.stop(old)
    assert await caller.grain(Counting, "x").add() == 1
    identity = ClusterIdentity("Counting", "x")
    late = cluster_pb2.ActivationTerminated(
        cluster_identity=cluster_pb2.ClusterIdentity(kind="Counting", identity="x")
    )
    late.pid.Address, late.pid.Id = old.address, old.id
    owner = caller.lookup.owner_actor(identity)
    assert owner is not None
    for cluster in clusters:
        cluster.system.send(owner, late)
    await asyncio.sleep(1.0)
    for cluster in clusters:
        assert await cluster.grain(Counting, "x").add() > 1
    assert history.started["x"] == 2


async def test_trap_34_an_owner_that_missed_an_end_learns_it_from_who_met_nobody(
    members: Members, history: History
) -> None:
    clusters = await members.start(3, kinds=[Counting])
    names = [str(number) for number in range(30)]
    for name in names:
        await clusters[0].grain(Counting, name).add()
    host, owner, name = next(
        (members.host_of(Counting, name), owner, name)
        for name in names
        for owner in clusters
        if owner is not members.host_of(Counting, name)
        and owner.lookup.owner_actor(ClusterIdentity("Counting", name))
        == PID(owner.member_address, "partition-identity")
    )
    members.network.reset(host.member_address, owner.member_address)
    ended = host.activation("Counting", name)
    assert ended is not None
    await host.system.stop(ended)
    await asyncio.sleep(1.0)
    members.heal()
    for cluster in clusters:
        before = virtual_time()
        await cluster.grain(Counting, name).add()
        assert virtual_time() - before < 1.5
    assert history.started[name] == 2


# -- what the infrastructure survives


class Choosy:
    """A member strategy that raises."""

    def choose(self, hosts: Sequence[Member], requester: str) -> Member | None:
        raise ZeroDivisionError("no weights")


async def test_trap_29_a_strategy_that_raises_costs_that_activation_only(
    members: Members, history: History
) -> None:
    kinds = [Counting, Kind("Plain", Props(Plain), strategy=Choosy)]
    (a,) = await members.start(1, kinds=kinds)
    assert await a.grain(Counting, "x").add() == 1
    with pytest.raises(ActivationFailed, match="ZeroDivisionError"):
        await a.get("Plain", "x")
    assert await a.grain(Counting, "x").add() == 2
    assert history.started == {"x": 1}


NONSENSE = [
    "text",
    cluster_pb2.ActivationRequest(),
    cluster_pb2.ActivationRequest(
        cluster_identity=cluster_pb2.ClusterIdentity(kind="-", identity="")
    ),
    cluster_pb2.IdentityHandoverRequest(requester_id="nobody"),
    cluster_pb2.RemoteIdentityHandover(member_id="nobody", chunk_id=-1),
    cluster_pb2.ActivationTerminated(),
    cluster_pb2.ClusterTopology(),
]


@pytest.mark.parametrize("actor", [PLACEMENT, "partition-identity", "gossip"])
async def test_trap_29_nonsense_costs_the_infrastructure_nothing(
    members: Members, history: History, actor: str
) -> None:
    a, b = await members.start(2, kinds=[Counting])
    names = [str(number) for number in range(10)]
    for name in names:
        await a.grain(Counting, name).add()
    target = PID(b.member_address, actor)
    for nonsense in NONSENSE:
        a.system.send(target, nonsense)
        asked = a.system.request(target, nonsense, timeout=1.0)
        (reply,) = await asyncio.gather(asked, return_exceptions=True)
        refused = isinstance(reply, cluster_pb2.ActivationResponse) and reply.failed
        assert refused or isinstance(reply, RequestTimeout)
    await members.start(1, kinds=[Counting])
    for name in names:
        assert await a.grain(Counting, name).add() == 2
    assert set(history.started.values()) == {1}


async def test_trap_29_an_activation_whose_end_fails_is_gone_all_the_same(
    members: Members,
) -> None:
    class Clumsy(Grain, idle_timeout=1.0):
        async def on_deactivate(self) -> None:
            raise OSError("disk full")

        async def use(self) -> str:
            return self.cluster.member_id

    a, b = await members.start(2, kinds=[Clumsy])
    for _ in range(3):
        await a.grain(Clumsy, "x").use()
        await asyncio.sleep(3.0)
        assert a.activations == b.activations == 0


# -- calls that no method can answer


async def on_the_wire(caller: Cluster, name: str, message: object) -> object:
    """The bare reply to a message for `Counting/name`."""
    pid = await caller.get("Counting", name)
    return await caller.system.request(pid, message, timeout=5.0)


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        (grain_pb2.GrainRequest(method_index=99), "UNIMPLEMENTED"),
        (grain_pb2.GrainRequest(method_index=-1), "UNIMPLEMENTED"),
        (method_pb2.MethodCall(method="explode"), "UNIMPLEMENTED"),
        (
            method_pb2.MethodCall(method="add", arguments=b"\xff\xff\xff"),
            "INVALID_ARGUMENT",
        ),
    ],
)
async def test_trap_31_a_call_that_no_method_can_answer_is_answered_at_once(
    members: Members, message: object, reason: str
) -> None:
    clusters = await members.start(2, kinds=[Counting])
    before = virtual_time()
    for cluster in clusters:
        reply = await on_the_wire(cluster, "x", message)
        assert isinstance(reply, grain_pb2.GrainErrorResponse)
        assert reply.reason == reason
    assert virtual_time() - before < 0.5
    assert await clusters[0].grain(Counting, "x").add() == 1, "it lives on"


async def test_trap_31_a_message_that_a_grain_does_not_take_is_answered_too(
    members: Members,
) -> None:
    a, _ = await members.start(2, kinds=[Counting])
    reply = await on_the_wire(a, "x", "text")
    assert isinstance(reply, grain_pb2.GrainErrorResponse)
    assert "does not take a str" in reply.message


async def test_trap_31_an_unknown_method_is_an_error_of_the_caller(
    members: Members,
) -> None:
    class Newer(Grain, kind="Counting"):
        async def multiply(self) -> int: ...

    a, _ = await members.start(2, kinds=[Counting])
    with pytest.raises(GrainError, match="has no method multiply") as raised:
        await a.grain(Newer, "x").multiply()
    assert raised.value.reason == "UNIMPLEMENTED"
