"""Random histories of actors that watch each other, stop, and are spawned again.

Whatever the interleaving, a watcher hears of each end exactly once, if it watches
when the end is asked for; and never without having watched.
"""

import asyncio
from collections import Counter

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from protoactor import (
    PID,
    Actor,
    ActorSystem,
    Context,
    Props,
    PumpDispatcher,
    Stopped,
    Stopping,
    TaskDispatcher,
    Terminated,
)
from protoactor.spi import Stop
from protoactor_testkit import VirtualTimeLoop

COMMIT = settings(
    derandomize=True,
    deadline=None,
    max_examples=250,
    stateful_step_count=40,
    suppress_health_check=[HealthCheck.too_slow],
)
LONG = settings(COMMIT, max_examples=1000, stateful_step_count=80)
NAMES = ("a", "b", "c", "d")
PAIRS = st.permutations(NAMES).map(lambda names: (names[0], names[1]))


class Watcher(Actor):
    """Counts what it hears; takes its time to stop."""

    def __init__(self, heard: Counter[tuple[str, str]], name: str, pauses: int) -> None:
        self.heard = heard
        self.name = name
        self.pauses = pauses

    async def receive(self, context: Context) -> None:
        match context.message:
            case Terminated(who):
                self.heard[self.name, who.id] += 1
            case Stopping() | Stopped():
                for _ in range(self.pauses):
                    await asyncio.sleep(0)
            case _:
                pass


class WatchMachine(RuleBasedStateMachine):
    dispatcher: type[PumpDispatcher] | type[TaskDispatcher]

    def __init__(self) -> None:
        super().__init__()
        self.loop = VirtualTimeLoop()
        self.heard: Counter[tuple[str, str]] = Counter()
        self.least: Counter[tuple[str, str]] = Counter()
        self.most: Counter[tuple[str, str]] = Counter()
        self.contexts: dict[str, Context] = {}
        self.watching: set[tuple[str, str]] = set()
        self.alive: set[str] = set()
        self.pauses = 0

    @initialize(pauses=st.integers(0, 3))
    def start(self, pauses: int) -> None:
        self.pauses = pauses
        self.loop.run_until_complete(self._start())

    async def _start(self) -> None:
        self.system = ActorSystem(stall_warning=None, dispatcher=self.dispatcher)
        await self.system.__aenter__()
        for name in NAMES:
            self._spawn(name)

    def _spawn(self, name: str) -> None:
        def make(context: Context) -> Actor:
            self.contexts[name] = context
            return Watcher(self.heard, name, self.pauses)

        self.system.spawn_named(Props.from_context(make), name)
        self.alive.add(name)

    def pid(self, name: str) -> PID:
        return PID(self.system.address, name)

    @rule(pair=PAIRS)
    def watch(self, pair: tuple[str, str]) -> None:
        watcher, target = pair
        if watcher not in self.alive:
            return
        self.contexts[watcher].watch(self.pid(target))
        if target in self.alive:
            self.watching.add(pair)
        else:  # at once, unless it still ends and tells all that it knows of then
            self.most[pair] += 1

    @rule(pair=PAIRS)
    def unwatch(self, pair: tuple[str, str]) -> None:
        watcher, target = pair
        if watcher in self.alive:
            self.contexts[watcher].unwatch(self.pid(target))
            self.watching.discard(pair)

    @rule(name=st.sampled_from(NAMES))
    def stop(self, name: str) -> None:
        if name not in self.alive:
            return
        self.system.post_system(self.pid(name), Stop())
        self.alive.discard(name)
        for watcher, target in list(self.watching):
            if target == name:
                self.watching.discard((watcher, target))
                self.least[watcher, target] += 1
                self.most[watcher, target] += 1
            elif watcher == name:
                self.watching.discard((watcher, target))
        # What it has not heard yet, it may never hear.
        for pair in list(self.least):
            if pair[0] == name:
                self.least[pair] = min(self.least[pair], self.heard[pair])

    @rule(name=st.sampled_from(NAMES))
    def spawn_again(self, name: str) -> None:
        if self.system.registry.local(name) is None and name not in self.alive:
            self.settle()
            self._spawn(name)

    @rule(turns=st.integers(1, 5))
    def spin(self, turns: int) -> None:
        async def turn() -> None:
            for _ in range(turns):
                await asyncio.sleep(0)

        self.loop.run_until_complete(turn())

    @rule()
    def settle(self) -> None:
        self.loop.run_until_complete(asyncio.sleep(0.001))
        for pair in self.least | self.most | self.heard:
            assert self.least[pair] <= self.heard[pair] <= self.most[pair], pair

    def teardown(self) -> None:
        self.settle()
        self.loop.run_until_complete(self.system.shutdown())
        self.loop.close()


class WithPump(WatchMachine):
    dispatcher = PumpDispatcher


class WithTasks(WatchMachine):
    dispatcher = TaskDispatcher


WithPump.TestCase.settings = COMMIT
WithTasks.TestCase.settings = COMMIT


class TestWatchOfPump(WithPump.TestCase):
    pass


class TestWatchOfTasks(WithTasks.TestCase):
    pass


@pytest.mark.long
class TestWatchOfPumpLong(WithPump.TestCase):
    settings = LONG


@pytest.mark.long
class TestWatchOfTasksLong(WithTasks.TestCase):
    settings = LONG
