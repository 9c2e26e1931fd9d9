"""Strategies and directives: who restarts, who stops, who hears of it."""

import asyncio
from functools import partial

import pytest

from protoactor import (
    PID,
    Actor,
    ActorSystem,
    AllForOne,
    AlwaysRestart,
    Context,
    DeadLetter,
    Directive,
    ExponentialBackoff,
    Failure,
    HandlerFailed,
    NotSent,
    OneForOne,
    Props,
    Restarting,
    RestartStatistics,
    Started,
    Stopped,
    Supervisor,
    SupervisorEvent,
    SupervisorStrategy,
    Terminated,
)
from protoactor_testkit import Probe

pytestmark = pytest.mark.virtual_time


class Quiet(Actor):
    """Handles everything by ignoring it."""

    def receive(self, context: Context) -> None:
        pass


class Boom(Exception):
    """What children raise."""


class Child(Actor):
    """Fails when told to; counts in the class how often it was started."""

    def __init__(self, probe: Probe) -> None:
        self.probe = probe

    def receive(self, context: Context) -> None:
        match context.message:
            case Started() | Restarting() | Stopped():
                name = context.self.id.rsplit("/", 1)[-1]
                kind = type(context.message).__name__
                context.send(self.probe.pid, f"{name} {kind}")
            case "fail":
                raise Boom
            case "ping":
                context.respond("pong")
            case _:
                pass


def always(directive: Directive) -> OneForOne:
    return OneForOne(decide=lambda _: directive)


async def family(
    system: ActorSystem,
    probe: Probe,
    strategy: SupervisorStrategy | None,
    *names: str,
    guardian: SupervisorStrategy | None = None,
) -> tuple[PID, list[PID]]:
    """A parent with this strategy, and its children, all started."""
    children: list[PID] = []

    def receive(context: Context) -> None:
        if isinstance(context.message, Started):
            spawn = partial(context.spawn_named, lambda: Child(probe))
            children[:] = map(spawn, names)

    props = Props.from_function(receive, supervisor=strategy, guardian=guardian)
    parent = system.spawn(props)
    for name in names:
        assert await probe.expect(str) == f"{name} Started"
    return parent, children


async def restarted(probe: Probe, *names: str) -> None:
    for name in names:
        assert await probe.expect(str) == f"{name} Restarting"
        assert await probe.expect(str) == f"{name} Started"


async def test_by_default_a_failed_child_is_restarted(
    system: ActorSystem, probe: Probe
) -> None:
    _, [child] = await family(system, probe, None, "a")
    system.send(child, "fail")
    await restarted(probe, "a")
    assert await system.request(child, "ping") == "pong"


async def test_resume_keeps_the_incarnation(system: ActorSystem, probe: Probe) -> None:
    _, [child] = await family(system, probe, always(Directive.RESUME), "a")
    system.send(child, "fail")
    assert await system.request(child, "ping") == "pong"
    await probe.expect_nothing()


async def test_stop_ends_the_child(system: ActorSystem, probe: Probe) -> None:
    _, [child] = await family(system, probe, always(Directive.STOP), "a")
    system.send(child, "fail")
    assert await probe.expect(str) == "a Stopped"
    with pytest.raises(DeadLetter):
        await system.request(child, "ping")


async def test_the_decision_depends_on_the_error(
    system: ActorSystem, probe: Probe
) -> None:
    def decide(error: Exception) -> Directive:
        return Directive.RESUME if isinstance(error, Boom) else Directive.STOP

    _, [child] = await family(system, probe, OneForOne(decide=decide), "a")
    system.send(child, "fail")
    assert await system.request(child, "ping") == "pong"


async def test_trap_26_more_restarts_than_allowed_stop_the_child(
    system: ActorSystem, probe: Probe
) -> None:
    _, [child] = await family(system, probe, OneForOne(max_restarts=10), "a")
    for _ in range(10):
        system.send(child, "fail")
        await restarted(probe, "a")
    system.send(child, "fail")
    assert await probe.expect(str) == "a Stopped"


async def test_trap_26_failures_before_the_window_do_not_count(
    system: ActorSystem, probe: Probe
) -> None:
    strategy = OneForOne(max_restarts=2, within=10.0)
    _, [child] = await family(system, probe, strategy, "a")
    for _ in range(20):
        system.send(child, "fail")
        await restarted(probe, "a")
        await asyncio.sleep(6.0)  # never more than two in ten seconds
    for _ in range(1):
        system.send(child, "fail")
        await restarted(probe, "a")
    system.send(child, "fail")
    assert await probe.expect(str) == "a Stopped"


async def test_trap_26_without_a_window_every_failure_counts(
    system: ActorSystem, probe: Probe
) -> None:
    strategy = OneForOne(max_restarts=1, within=None)
    _, [child] = await family(system, probe, strategy, "a")
    system.send(child, "fail")
    await restarted(probe, "a")
    await asyncio.sleep(1_000_000.0)
    system.send(child, "fail")
    assert await probe.expect(str) == "a Stopped"


async def test_no_restart_at_all(system: ActorSystem, probe: Probe) -> None:
    _, [child] = await family(system, probe, OneForOne(max_restarts=0), "a")
    system.send(child, "fail")
    assert await probe.expect(str) == "a Stopped"


async def test_trap_27_resumed_from_above_the_child_goes_on(
    system: ActorSystem, probe: Probe
) -> None:
    """Parent escalates, its guardian resumes: both handle messages again."""
    parent, [child] = await family(
        system,
        probe,
        always(Directive.ESCALATE),
        "a",
        guardian=always(Directive.RESUME),
    )
    for _ in range(3):
        system.send(child, "fail")
        assert await system.request(child, "ping") == "pong"
    system.send(parent, "fine too")
    await probe.expect_nothing()


async def test_escalating_restarts_the_parent_and_all_children(
    system: ActorSystem, probe: Probe
) -> None:
    _, [child, _] = await family(system, probe, always(Directive.ESCALATE), "a", "b")
    system.send(child, "fail")
    for expected in ("b Stopped", "a Stopped", "a Started", "b Started"):
        assert await probe.expect(str) == expected


async def test_trap_28_escalating_to_a_guardian_stops_the_actor(
    system: ActorSystem, probe: Probe
) -> None:
    escalating = always(Directive.ESCALATE)
    parent, [child] = await family(
        system, probe, escalating, "a", guardian=always(Directive.ESCALATE)
    )
    probe.watch(parent)
    system.send(child, "fail")
    assert await probe.expect(str) == "a Stopped"
    assert await probe.expect(Terminated) == Terminated(parent)


async def test_trap_28_all_for_one_under_a_guardian(
    system: ActorSystem, probe: Probe
) -> None:
    strategy = AllForOne()
    props = Props(lambda: Child(probe), guardian=strategy)
    first, _, third = (system.spawn_named(props, name) for name in "abc")
    stranger = system.spawn_named(lambda: Child(probe), "stranger")
    for _ in range(4):
        await probe.expect(str)
    system.send(first, "fail")
    await restarted(probe, "a", "b", "c")
    assert await system.request(third, "ping") == "pong"
    await system.stop(stranger)
    assert await probe.expect(str) == "stranger Stopped"


async def test_all_for_one_restarts_every_child(
    system: ActorSystem, probe: Probe
) -> None:
    _, [first, second] = await family(system, probe, AllForOne(), "a", "b")
    system.send(second, "fail")
    await restarted(probe, "a", "b")
    assert await system.request(first, "ping") == "pong"


async def test_all_for_one_resumes_only_the_failed_child(
    system: ActorSystem, probe: Probe
) -> None:
    strategy = AllForOne(decide=lambda _: Directive.RESUME)
    _, [first, second] = await family(system, probe, strategy, "a", "b")
    system.send(second, "fail")
    for child in (first, second):
        assert await system.request(child, "ping") == "pong"
    await probe.expect_nothing()


async def test_all_for_one_stops_every_child(system: ActorSystem, probe: Probe) -> None:
    _, [_, second] = await family(system, probe, AllForOne(max_restarts=0), "a", "b")
    system.send(second, "fail")
    assert {await probe.expect(str), await probe.expect(str)} == {
        "a Stopped",
        "b Stopped",
    }


async def test_always_restart_never_gives_up(system: ActorSystem, probe: Probe) -> None:
    _, [child] = await family(system, probe, AlwaysRestart(), "a")
    for _ in range(50):
        system.send(child, "fail")
        await restarted(probe, "a")


async def test_backoff_doubles_up_to_its_maximum(
    system: ActorSystem, probe: Probe
) -> None:
    strategy = ExponentialBackoff(initial=1.0, maximum=5.0, within=60.0, jitter=0.0)
    _, [child] = await family(system, probe, strategy, "a")
    pauses: list[float] = []
    for _ in range(5):
        failed_at = system.loop.time()
        system.send(child, "fail")
        await probe.expect(str, timeout=60.0)
        await probe.expect(str)
        pauses.append(system.loop.time() - failed_at)
    assert pauses == [1.0, 2.0, 4.0, 5.0, 5.0]


async def test_backoff_starts_over_after_a_quiet_time(
    system: ActorSystem, probe: Probe
) -> None:
    strategy = ExponentialBackoff(initial=1.0, maximum=60.0, within=10.0, jitter=0.0)
    _, [child] = await family(system, probe, strategy, "a")
    for _ in range(5):
        failed_at = system.loop.time()
        system.send(child, "fail")
        await restarted(probe, "a")
        assert system.loop.time() - failed_at == 1.0
        await asyncio.sleep(60.0)


def test_backoff_jitters_upwards() -> None:
    strategy = ExponentialBackoff(initial=1.0, maximum=8.0, jitter=0.5)
    pauses = [strategy.pause(failures=2) for _ in range(200)]
    assert min(pauses) >= 2.0
    assert max(pauses) <= 3.0
    assert max(pauses) - min(pauses) > 0.5
    assert strategy.pause(failures=10_000) <= 12.0


async def test_a_suspended_child_keeps_its_messages(
    system: ActorSystem, probe: Probe
) -> None:
    strategy = ExponentialBackoff(initial=10.0, jitter=0.0)
    _, [child] = await family(system, probe, strategy, "a")
    system.send(child, "fail")
    ask = asyncio.create_task(system.request(child, "ping", timeout=60.0))
    await asyncio.sleep(9.0)
    assert not ask.done()
    assert await ask == "pong"
    assert system.loop.time() == 10.0


async def test_a_failed_child_waits_for_its_busy_parent(system: ActorSystem) -> None:
    """Even what was taken out of the mailbox together with the failing message."""
    handled: list[str] = []

    def child(context: Context) -> None:
        if isinstance(context.message, str):
            handled.append(context.message)
            if context.message == "fail":
                raise Boom

    async def parent(context: Context) -> None:
        if isinstance(context.message, Started):
            context.spawn_named(Props.from_function(child), "child")
        elif isinstance(context.message, float):
            await asyncio.sleep(context.message)

    props = Props.from_function(parent, supervisor=always(Directive.RESUME))
    pid = system.spawn(props)
    await asyncio.sleep(1.0)
    system.send(pid, 5.0)
    for message in ("fail", "next"):
        system.send(PID(system.address, f"{pid.id}/child"), message)
    await asyncio.sleep(4.0)
    assert handled == ["fail"]
    await asyncio.sleep(2.0)
    assert handled == ["fail", "next"]


async def test_trap_29_backoff_of_an_actor_that_stopped_meanwhile(
    system: ActorSystem, probe: Probe
) -> None:
    strategy = ExponentialBackoff(initial=10.0, jitter=0.0)
    _, [child] = await family(system, probe, strategy, "a")
    system.send(child, "fail")
    await asyncio.sleep(1.0)
    await system.stop(child)
    assert await probe.expect(str) == "a Stopped"
    await probe.expect_nothing(within=60.0)


async def test_trap_29_backoff_spares_a_new_actor_of_the_same_name(
    system: ActorSystem, probe: Probe
) -> None:
    strategy = ExponentialBackoff(initial=10.0, jitter=0.0)
    props = Props(lambda: Child(probe), guardian=strategy)
    pid = system.spawn_named(props, "a")
    system.send(pid, "fail")
    await asyncio.sleep(1.0)
    await system.stop(pid)
    system.spawn_named(props, "a")
    for expected in ("a Started", "a Stopped", "a Started"):
        assert await probe.expect(str) == expected
    await probe.expect_nothing(within=60.0)


async def test_a_supervisor_that_raises_stops_the_child(
    system: ActorSystem, probe: Probe
) -> None:
    def decide(_: Exception) -> Directive:
        raise RuntimeError("undecided")

    parent, [child] = await family(system, probe, OneForOne(decide=decide), "a")
    system.send(child, "fail")
    assert await probe.expect(str) == "a Stopped"
    system.send(parent, "unharmed")
    with pytest.raises(DeadLetter):
        await system.request(child, "ping")


async def test_a_supervisor_that_decides_nothing_stops_the_child(
    system: ActorSystem, probe: Probe
) -> None:
    def forget_to_return(_: Exception) -> Directive:
        return None  # type: ignore[return-value] # pyright: ignore[reportReturnType]

    strategy = OneForOne(decide=forget_to_return)
    _, [child] = await family(system, probe, strategy, "a")
    system.send(child, "fail")
    assert await probe.expect(str) == "a Stopped"


async def test_an_actor_may_be_its_own_strategy(
    system: ActorSystem, probe: Probe
) -> None:
    class Lenient(Actor):
        supervisor = always(Directive.RESUME)

        def receive(self, context: Context) -> None:
            if isinstance(context.message, Started):
                context.spawn_named(lambda: Child(probe), "a")

    props = Props(Lenient, supervisor=always(Directive.STOP))
    parent = system.spawn(props)
    await probe.expect(str)
    child = PID(system.address, f"{parent.id}/a")
    system.send(child, "fail")
    assert await system.request(child, "ping") == "pong"


async def test_a_strategy_of_ones_own(system: ActorSystem, probe: Probe) -> None:
    heard: list[Failure] = []

    class StopTheEldest:
        def handle_failure(
            self,
            supervisor: Supervisor,
            failure: Failure,
            statistics: RestartStatistics,
        ) -> None:
            heard.append(failure)
            supervisor.stop(failure, supervisor.children[:1])

    _, [_, second] = await family(system, probe, StopTheEldest(), "a", "b")
    system.send(second, "fail")
    assert await probe.expect(str) == "a Stopped"
    assert heard[0].who == second
    assert heard[0].message == "fail"
    assert isinstance(heard[0].reason, Boom)


async def test_decisions_are_published(system: ActorSystem, probe: Probe) -> None:
    _, [child] = await family(system, probe, OneForOne(max_restarts=1), "a")
    async with system.events.stream(SupervisorEvent) as events:
        system.send(child, "fail")
        system.send(child, "fail")
        first, second = await anext(events), await anext(events)
    assert (first.child, first.directive) == (child, Directive.RESTART)
    assert (second.child, second.directive) == (child, Directive.STOP)
    assert isinstance(first.reason, Boom)


async def test_the_requester_hears_what_the_handler_raised(system: ActorSystem) -> None:
    error = Boom("very specific")

    def receive(context: Context) -> None:
        if context.message == "fail":
            raise error

    pid = system.spawn(Props.from_function(receive))
    with pytest.raises(HandlerFailed) as failed:
        await system.request(pid, "fail")
    assert failed.value.__cause__ is error
    assert (failed.value.error_type, failed.value.error) == ("Boom", "very specific")


async def test_a_failed_start_is_supervised_too(
    system: ActorSystem, probe: Probe
) -> None:
    attempts = 0

    def receive(context: Context) -> None:
        nonlocal attempts
        if isinstance(context.message, Started):
            attempts += 1
            if attempts < 4:
                raise Boom
        elif context.message == "ping":
            context.respond(attempts)

    pid = system.spawn(Props.from_function(receive))
    assert await system.request(pid, "ping") == 4


async def test_a_guardian_is_for_root_actors_only(system: ActorSystem) -> None:
    def receive(context: Context) -> None:
        if context.message == "spawn":
            context.spawn(Props(Quiet, guardian=OneForOne()))

    pid = system.spawn(Props.from_function(receive))
    with pytest.raises(HandlerFailed) as failed:
        await system.request(pid, "spawn")
    assert isinstance(failed.value.__cause__, NotSent)


async def test_failures_are_counted(system: ActorSystem, probe: Probe) -> None:
    _, [child] = await family(system, probe, None, "a")
    for _ in range(3):
        system.send(child, "fail")
        await restarted(probe, "a")
    assert system.statistics.failures == 3
    assert system.statistics.restarted == 3
