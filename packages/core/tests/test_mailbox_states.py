"""Random histories of one mailbox: posts, requests, withdrawals, stash, stop.

Whatever the interleaving, handlers never overlap, nothing is lost or handled twice,
and the order is the one that a simple queue predicts.
"""

import asyncio
from collections import deque
from dataclasses import dataclass, field

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from protoactor import (
    ActorSystem,
    Context,
    DeadLetter,
    DeadLetterEvent,
    PoisonPill,
    Props,
    PumpDispatcher,
    TaskDispatcher,
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


@dataclass(eq=False)
class Message:
    """What to do in the handler, and how often to suspend meanwhile."""

    number: int
    kind: str = "plain"
    pauses: int = 0
    stashed: bool = False


@dataclass(eq=False)
class Batch:
    number: int
    parts: list[Message] = field(default_factory=list[Message])

    def get_messages(self) -> list[Message]:
        return self.parts


class MailboxMachine(RuleBasedStateMachine):
    dispatcher: type[PumpDispatcher] | type[TaskDispatcher]

    def __init__(self) -> None:
        super().__init__()
        self.loop = VirtualTimeLoop()
        self.posted: list[Message | Batch] = []
        self.handled: list[Message | Batch] = []
        self.dead: list[object] = []
        self.asks: dict[Message, asyncio.Task[object]] = {}
        self.withdrawn: set[Message] = set()
        self.overlap = 0
        self.ended = ""
        self.loop.run_until_complete(self._start())

    async def _start(self) -> None:
        self.system = ActorSystem(stall_warning=None, dispatcher=self.dispatcher)
        await self.system.__aenter__()
        self.system.events.subscribe(
            lambda event: self.dead.append(event.message), DeadLetterEvent
        )
        self.pid = self.system.spawn(Props.from_function(self._receive))

    async def _receive(self, context: Context) -> None:
        message: object = context.message
        if isinstance(message, Batch):
            self.handled.append(message)
        elif isinstance(message, Message):
            await self._handle(context, message)

    async def _handle(self, context: Context, message: Message) -> None:
        self.overlap += 1
        assert self.overlap == 1
        for _ in range(message.pauses):
            await asyncio.sleep(0)
        if message.kind == "stash" and not message.stashed:
            message.stashed = True
            context.stash()
        else:
            self.handled.append(message)
            if message.kind == "unstash":
                context.unstash_all()
            if context.sender is not None:
                context.respond(message.number)
        self.overlap -= 1

    def _next(self, kind: str = "plain", pauses: int = 0) -> Message:
        return Message(len(self.posted) * 100, kind, pauses)

    @precondition(lambda self: not self.ended)
    @rule(
        kind=st.sampled_from(["plain", "plain", "stash", "unstash"]),
        pauses=st.integers(0, 3),
    )
    def post(self, kind: str, pauses: int) -> None:
        message = self._next(kind, pauses)
        self.posted.append(message)
        self.system.send(self.pid, message)

    @precondition(lambda self: not self.ended)
    @rule(kinds=st.lists(st.sampled_from(["plain", "stash", "unstash"]), max_size=3))
    def post_batch(self, kinds: list[str]) -> None:
        number = self._next().number
        parts = [Message(number + i + 1, kind) for i, kind in enumerate(kinds)]
        batch = Batch(number, parts)
        self.posted.append(batch)
        self.system.send(self.pid, batch)

    @precondition(lambda self: not self.ended)
    @rule(pauses=st.integers(0, 3), starts=st.booleans())
    def ask(self, pauses: int, starts: bool) -> None:
        """A request; it may run on the spot, which is a turn in itself."""
        message = self._next("ask", pauses)
        self.posted.append(message)
        ask = self.system.request(self.pid, message, timeout=900.0)
        self.asks[message] = self.loop.create_task(ask)
        self.spin(1)

    @precondition(lambda self: self.asks)
    @rule(data=st.data())
    def withdraw(self, data: st.DataObject) -> None:
        """The caller gives up: what is queued is never handled."""
        waiting = [m for m, task in self.asks.items() if not task.done()]
        if not waiting:
            return
        message = data.draw(st.sampled_from(waiting))
        self.asks.pop(message).cancel()
        self.withdrawn.add(message)

    @rule(turns=st.integers(1, 5))
    def spin(self, turns: int) -> None:
        """Let the loop make this many turns."""

        async def turn() -> None:
            for _ in range(turns):
                await asyncio.sleep(0)

        self.loop.run_until_complete(turn())

    @rule()
    def settle(self) -> None:
        """Let the loop run until nothing is ready."""
        self.loop.run_until_complete(asyncio.sleep(0.001))

    @precondition(lambda self: not self.ended)
    @rule(how=st.sampled_from(["stop", "poison"]))
    def end(self, how: str) -> None:
        self.ended = how
        if how == "stop":
            self.system.stop(self.pid)
        else:
            self.system.send(self.pid, PoisonPill())

    @invariant()
    def no_overlap(self) -> None:
        assert self.overlap <= 1

    @invariant()
    def nothing_twice(self) -> None:
        assert len(set(map(id, self.handled))) == len(self.handled)

    def teardown(self) -> None:
        try:
            if not self.ended:
                self.end("poison")
            self.settle()
            self._check()
        finally:
            self.loop.run_until_complete(self.system.shutdown())
            for task in self.asks.values():
                task.cancel()
            self.settle()
            self.loop.close()

    def _check(self) -> None:
        """Everything came to one of its ends, in the order of a plain queue."""
        predicted, stash = self._predicted()
        gone = [m for m in self.dead if isinstance(m, Message | Batch)]
        assert len(set(map(id, gone))) == len(gone)
        assert not set(map(id, gone)) & set(map(id, self.handled))
        withdrawn = {id(m) for m in self.withdrawn} & {id(m) for m in gone}
        order = [m for m in predicted if id(m) not in withdrawn]
        if self.ended == "poison":
            assert self.handled == order
            assert {id(m) for m in gone} == withdrawn | {id(m) for m in stash}
        else:
            assert self.handled == order[: len(self.handled)]
        for message, task in self.asks.items():
            assert task.done()
            if message in self.handled:
                assert task.result() == message.number
            else:
                assert isinstance(task.exception(), DeadLetter)

    def _predicted(self) -> tuple[list[Message | Batch], list[Message]]:
        """In which order a queue with a stash handles what was posted."""
        waiting = deque[Message | Batch](self.posted)
        handled, stash = list[Message | Batch](), list[Message]()
        unrolled, seen = set[int](), set[int]()
        while waiting:
            item = waiting.popleft()
            if isinstance(item, Batch) and id(item) not in unrolled:
                unrolled.add(id(item))
                waiting.extendleft(reversed([*item.parts, item]))
            elif (
                isinstance(item, Message)
                and item.kind == "stash"
                and id(item) not in seen
            ):
                seen.add(id(item))
                stash.append(item)
            else:
                handled.append(item)
                if isinstance(item, Message) and item.kind == "unstash":
                    waiting.extendleft(reversed(stash))
                    stash.clear()
        return handled, stash


class WithPump(MailboxMachine):
    dispatcher = PumpDispatcher


class WithTasks(MailboxMachine):
    dispatcher = TaskDispatcher


WithPump.TestCase.settings = COMMIT
WithTasks.TestCase.settings = COMMIT


class TestMailboxOfPump(WithPump.TestCase):
    pass


class TestMailboxOfTasks(WithTasks.TestCase):
    pass


@pytest.mark.long
class TestMailboxOfPumpLong(WithPump.TestCase):
    settings = LONG


@pytest.mark.long
class TestMailboxOfTasksLong(WithTasks.TestCase):
    settings = LONG
