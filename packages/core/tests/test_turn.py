"""What an actor handles next: order, budget, and what was put back."""

import asyncio
import sys
from collections.abc import Sequence
from itertools import groupby, pairwise

import pytest

from protoactor import (
    PID,
    Actor,
    ActorSystem,
    Context,
    DeadLetterEvent,
    Failure,
    MessageBatch,
    OneForOne,
    PoisonPill,
    Props,
    RestartStatistics,
    Started,
    Stopped,
    Stopping,
    Supervisor,
    Terminated,
    Touch,
    Touched,
)
from protoactor_testkit import Probe, VirtualTimeLoop

pytestmark = pytest.mark.virtual_time


class Undecided:
    """A supervisor that leaves the failed child suspended."""

    def handle_failure(
        self, supervisor: Supervisor, failure: Failure, statistics: RestartStatistics
    ) -> None:
        pass


async def test_trap_01_a_stop_overtakes_user_messages(system: ActorSystem) -> None:
    handled: list[object] = []

    def receive(context: Context) -> None:
        handled.append(context.message)
        if context.message == 10:
            context.stop(context.self)

    pid = system.spawn(Props.from_function(receive))
    for number in range(1000):
        system.send(pid, number)
    await asyncio.sleep(1.0)
    assert handled == [Started(), *range(11), Stopping(), Stopped()]


async def test_trap_01_terminated_overtakes_user_messages(system: ActorSystem) -> None:
    handled: list[object] = []
    nobody = PID(system.address, "nobody")

    async def receive(context: Context) -> None:
        handled.append(context.message)
        if context.message == 10:
            await asyncio.sleep(1.0)
            context.watch(nobody)

    pid = system.spawn(Props.from_function(receive))
    for number in range(1000):
        system.send(pid, number)
    await system.poison(pid)
    assert isinstance(handled[12], Terminated)
    assert handled[:12] == [Started(), *range(11)]
    assert handled[13:-2] == list(range(11, 1000))


async def test_trap_02_a_suspended_actor_can_be_stopped(system: ActorSystem) -> None:
    handled: list[object] = []

    def receive(context: Context) -> None:
        handled.append(context.message)
        if context.message == "fail":
            raise ValueError

    pid = system.spawn(Props.from_function(receive, guardian=Undecided()))
    system.send(pid, "fail")
    system.send(pid, "never handled")
    await asyncio.sleep(1.0)
    await system.stop(pid)
    assert handled == [Started(), "fail", Stopping(), Stopped()]


async def test_trap_05_an_actor_sends_to_itself(system: ActorSystem) -> None:
    depths: set[int] = set()
    inside = handled = 0

    def receive(context: Context) -> None:
        nonlocal inside, handled
        if not isinstance(context.message, int):
            return
        inside += 1
        handled += 1
        assert inside == 1
        depths.add(len(list(frames())))
        if context.message:
            context.send(context.self, context.message - 1)
        inside -= 1

    pid = system.spawn(Props.from_function(receive))
    system.send(pid, 99_999)
    await asyncio.sleep(1.0)  # of virtual time: until nothing is left to do
    assert handled == 100_000
    assert len(depths) <= 2  # a turn begins in one of two ways, never in itself


def frames() -> Sequence[object]:
    frame, found = sys._getframe(), list[object]()
    while frame.f_back:
        frame = frame.f_back
        found.append(frame.f_code)
    return found


async def test_send_never_runs_the_receiver(system: ActorSystem, probe: Probe) -> None:
    ran: list[object] = []
    receiver = system.spawn(Props.from_function(lambda c: ran.append(c.message)))

    def send(context: Context) -> None:
        if context.message == "go":
            before = len(ran)
            context.send(receiver, "from an actor")
            assert len(ran) == before
            context.send(probe.pid, "sent")

    sender = system.spawn(Props.from_function(send))
    system.send(receiver, "from outside")
    assert ran == []
    system.send(sender, "go")
    await probe.expect(str)
    assert ran == [Started(), "from outside", "from an actor"]


async def test_messages_of_each_sender_arrive_in_order(system: ActorSystem) -> None:
    got: list[tuple[int, int]] = []

    async def collect(context: Context) -> None:
        match context.message:
            case (int(name), int(number)):
                got.append((name, number))
            case _:
                pass
        if len(got) % 7 == 0:
            await asyncio.sleep(0)

    target = system.spawn(Props.from_function(collect))

    async def send_all(name: int) -> None:
        for number in range(200):
            system.send(target, (name, number))
            if (name * number) % 5 == 1:
                await asyncio.sleep(0)

    await asyncio.gather(*map(send_all, range(10)))
    await system.poison(target)
    assert len(got) == 2000
    for name in range(10):
        assert [n for sender, n in got if sender == name] == list(range(200))


async def test_trap_10_busy_actors_take_turns(
    dispatcher: type, system: ActorSystem
) -> None:
    order: list[str] = []

    def busy(name: str) -> Props:
        def receive(context: Context) -> None:
            if isinstance(context.message, int):
                order.append(name)

        return Props.from_function(receive)

    actors = [system.spawn(busy(name)) for name in "ab"]
    for number in range(5000):
        for actor in actors:
            system.send(actor, number)
    await asyncio.gather(*map(system.poison, actors))
    runs = [len(list(run)) for _, run in groupby(order)]
    assert sum(runs) == 10_000
    assert max(runs) <= system.dispatcher.throughput


async def test_trap_10_slow_handlers_give_way_in_time(system: ActorSystem) -> None:
    loop = asyncio.get_running_loop()
    assert isinstance(loop, VirtualTimeLoop)
    handled_at: list[float] = []
    ticks: list[float] = []

    def compute(context: Context) -> None:
        if isinstance(context.message, int):
            loop.advance(0.002)
            handled_at.append(loop.time())

    actors = [system.spawn(Props.from_function(compute)) for _ in range(3)]
    for number in range(100):
        for actor in actors:
            system.send(actor, number)
    while len(handled_at) < 300:
        await asyncio.sleep(0)
        ticks.append(loop.time())
    stalls = [after - before for before, after in pairwise(ticks)]
    assert max(stalls) < 10 * system.dispatcher.time_slice


async def test_trap_13_messages_behind_a_poison_pill(system: ActorSystem) -> None:
    dead: list[DeadLetterEvent] = []
    system.events.subscribe(dead.append, DeadLetterEvent)
    handled: list[object] = []
    pid = system.spawn(Props.from_function(lambda c: handled.append(c.message)))
    for message in ("before", PoisonPill(), "behind", "and behind"):
        system.send(pid, message)
    await asyncio.sleep(1.0)
    assert handled == [Started(), "before", Stopping(), Stopped()]
    assert [event.message for event in dead] == ["behind", "and behind"]
    assert {(event.target, event.reason) for event in dead} == {(pid, "actor stopped")}


class Batch:
    def __init__(self, *parts: object) -> None:
        self.parts = parts

    def get_messages(self) -> Sequence[object]:
        return self.parts


async def test_trap_37_the_parts_of_a_batch_then_the_batch(system: ActorSystem) -> None:
    handled: list[object] = []
    pid = system.spawn(Props.from_function(lambda c: handled.append(c.message)))
    batch = Batch(1, 2, Batch(3, 4), 5)
    assert isinstance(batch, MessageBatch)
    for message in ("before", batch, "behind"):
        system.send(pid, message)
    await system.poison(pid)
    inner = batch.parts[2]
    expected = ["before", 1, 2, 3, 4, inner, 5, batch, "behind"]
    assert handled == [Started(), *expected, Stopping(), Stopped()]


async def test_batches_upon_batches_do_not_pile_up(system: ActorSystem) -> None:
    handled = 0

    def count(context: Context) -> None:
        nonlocal handled
        handled += isinstance(context.message, int)

    pid = system.spawn(Props.from_function(count))
    for number in range(100_000):
        system.send(pid, Batch(number))
    await system.poison(pid)
    assert handled == 100_000


async def test_putting_back_again_and_again_does_not_pile_up(
    system: ActorSystem,
) -> None:
    handled = 0

    def receive(context: Context) -> None:
        nonlocal handled
        if context.message == "again" and handled < 100_000:
            handled += 1
            context.stash()
            context.unstash_all()

    pid = system.spawn(Props.from_function(receive))
    system.send(pid, "again")
    await system.poison(pid)
    assert handled == 100_000


async def test_touch_is_answered_after_the_actor_saw_it(system: ActorSystem) -> None:
    seen: list[object] = []
    pid = system.spawn(Props.from_function(lambda c: seen.append(c.message)))
    assert await system.request(pid, Touch(), returns=Touched) == Touched(pid)
    assert seen == [Started(), Touch()]


async def test_system_messages_are_handled_between_any_two_user_messages(
    system: ActorSystem,
) -> None:
    handled: list[object] = []

    class Parent(Actor):
        supervisor = OneForOne()

        def receive(self, context: Context) -> None:
            handled.append(context.message)
            if context.message == 3:
                context.watch(PID(context.system.address, "nobody"))

    parent = system.spawn(Parent)
    for number in range(6):
        system.send(parent, number)
    await system.poison(parent)
    assert [type(message) for message in handled[4:7]] == [int, Terminated, int]
