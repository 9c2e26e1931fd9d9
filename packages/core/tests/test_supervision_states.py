"""Random histories of a family: failures, directives, stops, and messages meanwhile.

Whatever the interleaving, every incarnation lives by the rules, nobody stays
suspended, and every message is handled once or dead.
"""

import asyncio
from dataclasses import dataclass
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
)

from protoactor import (
    PID,
    Actor,
    ActorSystem,
    AllForOne,
    Context,
    DeadLetterEvent,
    Directive,
    OneForOne,
    Props,
    PumpDispatcher,
    Restarting,
    Started,
    Stopped,
    Stopping,
    TaskDispatcher,
    Terminated,
)
from protoactor_testkit import VirtualTimeLoop

COMMIT = settings(
    derandomize=True,
    deadline=None,
    max_examples=250,
    stateful_step_count=30,
    suppress_health_check=[HealthCheck.too_slow],
)
LONG = settings(COMMIT, max_examples=1000, stateful_step_count=60)
NAMES = ("a", "b", "c")
DECIDED = ("failed, to restart", "failed, to stop")


class Told(Exception):
    """Carries the directive that the test wants."""

    def __init__(self, directive: Directive) -> None:
        self.directive = directive


@dataclass(frozen=True, eq=False)
class Ping:
    number: int
    pauses: int


@dataclass(frozen=True, eq=False)
class Fail:
    directive: Directive
    pauses: int


@dataclass(eq=False)
class Life:
    """What one incarnation saw."""

    name: str
    seen: list[str]

    def check(self) -> None:
        """Started, then messages, then one of the two ends."""
        assert self.seen[0] == "Started"
        lifecycle = ("Started", "Restarting", "Stopping", "Stopped")
        middle = [entry for entry in self.seen if entry in lifecycle]
        assert middle in (
            ["Started"],
            ["Started", "Restarting"],
            ["Started", "Stopping", "Stopped"],
            ["Started", "Restarting", "Stopping", "Stopped"],
        )
        for entry, after in pairwise(self.seen):
            if entry in ("Restarting", "Stopped", *DECIDED):
                assert after in lifecycle


class Child(Actor):
    def __init__(self, machine: "FamilyMachine", name: str) -> None:
        self.machine = machine
        self.life = Life(name, [])
        machine.lives.append(self.life)

    async def receive(self, context: Context) -> None:
        machine = self.machine
        machine.enter(self.life.name)
        try:
            match context.message:
                case Started() | Restarting() | Stopped() | Stopping():
                    self.life.seen.append(type(context.message).__name__)
                    for _ in range(machine.pauses):
                        await asyncio.sleep(0)
                case Ping():
                    await self.pause(context.message.pauses)
                    self.life.seen.append("handled")
                    machine.handled.append(context.message)
                case Fail():
                    await self.pause(context.message.pauses)
                    self.life.seen.append(
                        f"failed, to {context.message.directive.value}"
                    )
                    machine.failed.append(context.message)
                    raise Told(context.message.directive)
                case _:
                    pass
        finally:
            machine.leave(self.life.name)

    async def pause(self, times: int) -> None:
        for _ in range(times):
            await asyncio.sleep(0)


class Parent(Actor):
    def __init__(self, machine: "FamilyMachine") -> None:
        self.machine = machine

    def receive(self, context: Context) -> None:
        match context.message:
            case Started():
                for name in NAMES:
                    self.machine.spawned += 1
                    context.spawn_named(
                        lambda name=name: Child(self.machine, name), name
                    )
            case Terminated():
                self.machine.terminated += 1
            case _:
                pass


class FamilyMachine(RuleBasedStateMachine):
    dispatcher: type[PumpDispatcher] | type[TaskDispatcher]

    def __init__(self) -> None:
        super().__init__()
        self.loop = VirtualTimeLoop()
        self.lives: list[Life] = []
        self.inside: set[str] = set()
        self.pauses = 0
        self.spawned = self.terminated = 0
        self.sent: list[Ping | Fail] = []
        self.handled: list[Ping] = []
        self.failed: list[Fail] = []
        self.dead: list[object] = []

    def enter(self, name: str) -> None:
        assert name not in self.inside
        self.inside.add(name)

    def leave(self, name: str) -> None:
        self.inside.remove(name)

    @initialize(all_for_one=st.booleans(), pauses=st.integers(0, 3))
    def start(self, all_for_one: bool, pauses: int) -> None:
        self.pauses = pauses
        self.loop.run_until_complete(
            self._start(AllForOne if all_for_one else OneForOne)
        )

    async def _start(self, strategy: type[OneForOne]) -> None:
        def decide(error: Exception) -> Directive:
            return error.directive if isinstance(error, Told) else Directive.STOP

        def resume_or_restart(error: Exception) -> Directive:
            """What the guardian does with what was escalated."""
            return Directive.RESUME if len(self.failed) % 2 else Directive.RESTART

        self.system = ActorSystem(stall_warning=None, dispatcher=self.dispatcher)
        await self.system.__aenter__()
        self.system.events.subscribe(
            lambda event: self.dead.append(event.message), DeadLetterEvent
        )
        props = Props(
            lambda: Parent(self),
            supervisor=strategy(decide=decide, max_restarts=1000),
            guardian=OneForOne(decide=resume_or_restart, max_restarts=1000),
        )
        self.parent = self.system.spawn(props)

    def child(self, name: str) -> PID:
        return PID(self.system.address, f"{self.parent.id}/{name}")

    @rule(name=st.sampled_from(NAMES), pauses=st.integers(0, 2))
    def ping(self, name: str, pauses: int) -> None:
        ping = Ping(len(self.sent), pauses)
        self.sent.append(ping)
        self.system.send(self.child(name), ping)

    @rule(
        name=st.sampled_from(NAMES),
        directive=st.sampled_from(Directive),
        pauses=st.integers(0, 2),
    )
    def fail(self, name: str, directive: Directive, pauses: int) -> None:
        failure = Fail(directive, pauses)
        self.sent.append(failure)
        self.system.send(self.child(name), failure)

    @rule(name=st.sampled_from(NAMES))
    def stop(self, name: str) -> None:
        self.system.stop(self.child(name))

    @rule(turns=st.integers(1, 5))
    def spin(self, turns: int) -> None:
        async def turn() -> None:
            for _ in range(turns):
                await asyncio.sleep(0)

        self.loop.run_until_complete(turn())

    @precondition(lambda self: self.sent)
    @rule()
    def settle(self) -> None:
        """Once nothing is ready, whoever lives is neither suspended nor waiting."""
        self.loop.run_until_complete(asyncio.sleep(0.001))
        assert not self.inside
        ended = {id(m) for m in (*self.handled, *self.failed, *self.dead)}
        assert ended >= set(map(id, self.sent))

    def teardown(self) -> None:
        self.settle()
        self.loop.run_until_complete(self.system.shutdown())
        self.loop.close()
        for life in self.lives:
            life.check()
        handled = list(map(id, [*self.handled, *self.failed]))
        assert len(set(handled)) == len(handled)  # nothing was redelivered
        dead = {id(m) for m in self.dead}
        assert not dead & set(handled)
        assert self.terminated == self.spawned


class WithPump(FamilyMachine):
    dispatcher = PumpDispatcher


class WithTasks(FamilyMachine):
    dispatcher = TaskDispatcher


WithPump.TestCase.settings = COMMIT
WithTasks.TestCase.settings = COMMIT


class TestFamilyOfPump(WithPump.TestCase):
    pass


class TestFamilyOfTasks(WithTasks.TestCase):
    pass


@pytest.mark.long
class TestFamilyOfPumpLong(WithPump.TestCase):
    settings = LONG


@pytest.mark.long
class TestFamilyOfTasksLong(WithTasks.TestCase):
    settings = LONG
