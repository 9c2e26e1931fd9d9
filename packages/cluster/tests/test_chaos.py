"""Members come, leave and are killed while callers go on: what must hold meanwhile.

Virtual time: 20 seconds of it, the same course for the same seed.
"""

from __future__ import annotations

import asyncio
import random
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

import pytest

from protoactor import ActorError
from protoactor_cluster import Cluster, Grain, Kind, RebalanceIncomplete
from protoactor_testkit import Members

IDENTITIES = 100
CALLERS = 12
SECONDS = 20.0
SEEDS = [0, *(pytest.param(n, marks=pytest.mark.long) for n in range(1, 20))]


@dataclass
class Ledger:
    """What activations and callers have seen; nothing of it survives a test."""

    live: defaultdict[str, set[Tally]] = field(
        default_factory=lambda: defaultdict[str, "set[Tally]"](set)
    )
    doubles: list[str] = field(default_factory=list[str])
    acknowledged: defaultdict[int, list[int]] = field(
        default_factory=lambda: defaultdict[int, list[int]](list)
    )
    failures: list[str] = field(default_factory=list[str])
    incomplete: list[str] = field(default_factory=list[str])
    activations: int = 0
    calls: int = 0

    def begin(self, tally: Tally) -> int:
        self.activations += 1
        others = self.live[tally.identity.name]
        alive = [other for other in others if other.is_alive]
        if alive:
            places = [other.cluster.member_id for other in (*alive, tally)]
            self.doubles.append(f"{tally.identity} on {places}")
        others.add(tally)
        return self.activations

    def end(self, tally: Tally) -> None:
        self.live[tally.identity.name].discard(tally)


class Tally(Grain, idle_timeout=0.7):
    """Counts, and says which activation it is."""

    def __init__(self, ledger: Ledger, is_alive: Callable[[Cluster], bool]) -> None:
        self._ledger = ledger
        self._is_alive = is_alive
        self._number = 0
        self._total = 0

    @property
    def is_alive(self) -> bool:
        return self._is_alive(self.cluster)

    async def on_activate(self) -> None:
        self._number = self._ledger.begin(self)

    async def on_deactivate(self) -> None:
        await asyncio.sleep(0.02)
        self._ledger.end(self)

    async def add(self) -> tuple[int, int]:
        before = self._total
        await asyncio.sleep(0.001)
        self._total = before + 1
        return self._number, self._total


class Chaos:
    """Callers, and somebody who lets members come and go."""

    def __init__(self, members: Members, seed: int, *, kills: bool) -> None:
        self.ledger = Ledger()
        self._members = members
        self._random = random.Random(seed)
        self._kills = kills
        self._callers: list[Cluster] = []
        self._ending = False

    async def run(self) -> None:
        for _ in range(3):
            await self._join()
        self._callers = [await self._members.connect(), await self._members.connect()]
        async with asyncio.TaskGroup() as group:
            for number in range(CALLERS):
                group.create_task(self._call_forever(number))
            await self._change_for(SECONDS)
            self._ending = True
        await self._members.agree()

    async def _join(self) -> None:
        kind = Kind.of(Tally, create=lambda: Tally(self.ledger, self._is_alive))
        (member,) = await self._members.start(1, kinds=[kind], settle=False)
        member.system.events.subscribe(self._incomplete, RebalanceIncomplete)

    def _is_alive(self, member: Cluster) -> bool:
        return self._members.is_running(member)

    def _incomplete(self, event: RebalanceIncomplete) -> None:
        self.ledger.incomplete.append(event.reason)

    async def _change_for(self, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        until = loop.time() + seconds
        while loop.time() < until:
            await asyncio.sleep(self._random.uniform(0.05, 1.5))
            await self._change()

    async def _change(self) -> None:
        alive = self._members.alive
        if len(alive) < 3 or (len(alive) < 6 and self._random.random() < 0.4):
            await self._join()
            return
        victim = self._random.choice(alive)
        if self._kills and self._random.random() < 0.5:
            await self._members.crash(victim)
        else:
            await self._members.leave(victim)

    async def _call_forever(self, number: int) -> None:
        choose = random.Random(f"{self._random.random()} {number}")
        while not self._ending:
            everybody = [*self._callers, *self._members.alive]
            caller = choose.choice(everybody)
            name = str(int(IDENTITIES * choose.random() ** 3))  # few hot, many idle
            await self._call(caller, name)
            await asyncio.sleep(choose.uniform(0.0, 0.02))

    async def _call(self, caller: Cluster, name: str) -> None:
        self.ledger.calls += 1
        try:
            activation, total = await caller.grain(Tally, name).add()
        except ActorError as error:
            if caller.is_client or self._members.is_running(caller):
                self.ledger.failures.append(f"{type(error).__name__}: {error}")
        else:
            self.ledger.acknowledged[activation].append(total)

    async def everybody_answers(self) -> None:
        for name in range(IDENTITIES):
            caller = self._random.choice([*self._callers, *self._members.alive])
            await caller.grain(Tally, str(name)).add()


@pytest.fixture
async def members() -> AsyncIterator[Members]:
    async with Members(ttl=1.0) as members:
        yield members


def assert_consistent(ledger: Ledger) -> None:
    assert ledger.doubles == []
    for totals in ledger.acknowledged.values():
        assert len(set(totals)) == len(totals), "an acknowledged increment was lost"


@pytest.mark.parametrize("seed", SEEDS)
async def test_kills_leaves_and_joins(members: Members, seed: int) -> None:
    chaos = Chaos(members, seed, kills=True)
    await chaos.run()
    await chaos.everybody_answers()
    assert chaos.ledger.calls > 2000
    assert_consistent(chaos.ledger)


@pytest.mark.parametrize("seed", SEEDS)
async def test_leaves_and_joins_fail_no_call(members: Members, seed: int) -> None:
    chaos = Chaos(members, seed, kills=False)
    await chaos.run()
    await chaos.everybody_answers()
    assert chaos.ledger.failures == []
    assert_consistent(chaos.ledger)
