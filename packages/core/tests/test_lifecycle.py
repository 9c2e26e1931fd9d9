"""Start, stop and restart: what an actor sees, in which order, whatever goes wrong."""

import asyncio

import pytest

from protoactor import (
    PID,
    Actor,
    ActorStopped,
    ActorSystem,
    AllForOne,
    Context,
    DeadLetter,
    DeadLetterEvent,
    Directive,
    OneForOne,
    PoisonPill,
    Props,
    Received,
    ReceiveHandler,
    Restarting,
    Started,
    Stopped,
    Stopping,
    SupervisorEvent,
    Terminated,
)
from protoactor_testkit import Probe

pytestmark = pytest.mark.virtual_time
LIFECYCLE = Started | Stopping | Stopped | Restarting


class Journal(list[str]):
    """What actors saw, as `name:message`."""

    def note(self, name: str, context: Context) -> None:
        message = context.message
        kind = type(message).__name__ if isinstance(message, LIFECYCLE) else message
        self.append(f"{name}:{kind}")

    def actor(self, name: str) -> Props:
        return Props.from_function(lambda context: self.note(name, context))


class Quiet(Actor):
    """Handles everything by ignoring it."""

    def receive(self, context: Context) -> None:
        pass


class SlowChild(Actor):
    """Takes a second to stop."""

    async def receive(self, context: Context) -> None:
        if isinstance(context.message, Stopping):
            await asyncio.sleep(1.0)


class Parent(Actor):
    """Spawns children on demand, under their names, and fails on `fail`."""

    def __init__(self, journal: Journal, child: Props) -> None:
        self.journal = journal
        self.child = child

    def receive(self, context: Context) -> None:
        self.journal.note("parent", context)
        match context.message:
            case ("spawn", str(name)):
                context.spawn_named(self.child, name)
            case "children":
                context.respond([pid.id for pid in context.children])
            case "fail":
                raise ValueError
            case _:
                pass


async def test_started_comes_first_and_stopped_last(system: ActorSystem) -> None:
    journal = Journal()
    pid = system.spawn(journal.actor("a"))
    system.send(pid, "hello")
    await system.poison(pid)
    assert journal == ["a:Started", "a:hello", "a:Stopping", "a:Stopped"]


async def test_children_stop_before_their_parent(system: ActorSystem) -> None:
    journal = Journal()
    parent = system.spawn(lambda: Parent(journal, journal.actor("child")))
    for name in "abc":
        system.send(parent, ("spawn", name))
    await asyncio.sleep(1.0)
    journal.clear()
    await system.stop(parent)
    stopping = ["child:Stopping", "child:Stopped"]
    terminated = [entry for entry in journal if "Terminated" in entry]
    assert len(terminated) == 3
    rest = [entry for entry in journal if entry not in terminated]
    assert rest == ["parent:Stopping", *stopping * 3, "parent:Stopped"]


@pytest.mark.parametrize("moment", range(12))
async def test_trap_12_what_races_with_a_stop_is_handled_or_dead(
    system: ActorSystem, moment: int
) -> None:
    dead: list[DeadLetterEvent] = []
    system.events.subscribe(dead.append, DeadLetterEvent)
    handled: list[object] = []

    async def receive(context: Context) -> None:
        if isinstance(context.message, int):
            handled.append(context.message)
            await asyncio.sleep(0)
            context.respond("handled")
        elif isinstance(context.message, Stopping | Stopped):
            await asyncio.sleep(0)

    pid = system.spawn(Props.from_function(receive))
    asks: list[asyncio.Task[object]] = []
    for number in range(40):
        if number == 20:
            system.stop(pid)
        asks.append(asyncio.create_task(system.request(pid, number)))
        for _ in range(moment % 4):
            await asyncio.sleep(0)
        if moment >= 8 and number % moment == 0:
            await asyncio.sleep(0.001)
    results = await asyncio.gather(*asks, return_exceptions=True)
    answered = [n for n, result in enumerate(results) if result == "handled"]
    refused = [n for n, result in enumerate(results) if isinstance(result, DeadLetter)]
    assert sorted(answered + refused) == list(range(40))
    assert answered == handled
    assert {event.message for event in dead} == set(refused)
    assert len(dead) == len(refused)
    assert system.loop.time() < 1.0  # at once: nobody waited for a deadline


async def test_trap_12_whoever_found_the_actor_before_it_stopped(
    system: ActorSystem,
) -> None:
    """What is posted to a process that is gone becomes a dead letter all the same."""
    dead: list[DeadLetterEvent] = []
    system.events.subscribe(dead.append, DeadLetterEvent)
    pid = system.spawn(Quiet)
    process = system.registry.find(pid)
    await system.stop(pid)
    process.post(pid, "late")
    await asyncio.sleep(0.1)
    assert [event.message for event in dead] == ["late"]


@pytest.mark.parametrize("how", ["stop", "poison"])
async def test_requests_left_in_the_mailbox_are_answered_at_once(
    system: ActorSystem, how: str
) -> None:
    async def receive(context: Context) -> None:
        if context.message == "work":
            await asyncio.sleep(1.0)

    pid = system.spawn(Props.from_function(receive))
    system.send(pid, "work")
    await asyncio.sleep(0.5)
    getattr(system, how)(pid)
    asks = [system.request(pid, n, timeout=60.0) for n in range(3)]
    results = await asyncio.gather(*asks, return_exceptions=True)
    assert [type(result) for result in results] == [DeadLetter] * 3
    assert system.loop.time() < 1.1


async def test_trap_14_user_messages_arrive_while_children_stop(
    system: ActorSystem,
) -> None:
    journal = Journal()
    parent = system.spawn(lambda: Parent(journal, Props(SlowChild)))
    system.send(parent, ("spawn", "slow"))
    await asyncio.sleep(0.5)
    journal.clear()
    gone = system.stop(parent)
    await asyncio.sleep(0.5)
    system.send(parent, "in between")
    await gone
    assert journal[:2] == ["parent:Stopping", "parent:in between"]
    assert journal[-1] == "parent:Stopped"


@pytest.mark.parametrize("failing", [Stopping, Stopped])
async def test_trap_15_a_failure_while_stopping_changes_nothing(
    system: ActorSystem, probe: Probe, failing: type
) -> None:
    def receive(context: Context) -> None:
        if isinstance(context.message, failing):
            raise ValueError

    told: list[object] = []

    def supervise(context: Context) -> None:
        told.append(context.message)
        if isinstance(context.message, Started):
            probe.watch(context.spawn_named(Props.from_function(receive), "child"))

    parent = system.spawn(Props.from_function(supervise))
    await asyncio.sleep(1.0)
    child = PID(system.address, f"{parent.id}/child")
    await system.stop(child)
    assert await probe.expect(Terminated) == Terminated(child)
    await probe.expect_nothing(within=30.0)
    assert told == [Started(), Terminated(child)]
    assert system.registry.local(child.id) is None


async def test_trap_15_a_failure_while_children_stop_asks_nobody(
    system: ActorSystem,
) -> None:
    """It is not suspended either: it handles what comes until it ends."""
    journal, decisions = Journal(), list[SupervisorEvent]()
    system.events.subscribe(decisions.append, SupervisorEvent)
    parent = system.spawn(lambda: Parent(journal, Props(SlowChild)))
    system.send(parent, ("spawn", "slow"))
    await asyncio.sleep(0.5)
    gone = system.stop(parent)
    await asyncio.sleep(0.1)
    system.send(parent, "fail")
    system.send(parent, "in between")
    await gone
    assert journal[3:5] == ["parent:fail", "parent:in between"]
    assert journal[-1] == "parent:Stopped"
    assert decisions == []


async def test_trap_15_a_restart_does_not_revive_a_stopping_actor(
    system: ActorSystem,
) -> None:
    journal = Journal()

    class Dying(Actor):
        async def receive(self, context: Context) -> None:
            journal.note("dying", context)
            if isinstance(context.message, Started):
                context.spawn(SlowChild)
            if context.message == "fail":
                raise ValueError

    pid = system.spawn(Dying)
    await asyncio.sleep(0.5)
    gone = system.stop(pid)
    await asyncio.sleep(0.5)
    system.send(pid, "fail")
    await gone
    expected = ["Started", "Stopping", "fail", "Stopped"]
    assert [e.split(":")[1] for e in journal if "Terminated" not in e] == expected


@pytest.mark.parametrize("first", ["stop", "fail"])
async def test_trap_15_nor_does_the_restart_of_a_sibling(
    system: ActorSystem, first: str
) -> None:
    """All for one: the other child stops, or restarts, already."""
    journal = Journal()

    class WithSlowChild(Actor):
        def receive(self, context: Context) -> None:
            journal.note("a", context)
            if isinstance(context.message, Started):
                context.spawn(SlowChild)
            if context.message == "fail":
                raise ValueError

    class Failing(Actor):
        def receive(self, context: Context) -> None:
            if context.message == "fail":
                raise ValueError

    guardian = AllForOne()
    a = system.spawn(Props(WithSlowChild, guardian=guardian))
    b = system.spawn(Props(Failing, guardian=guardian))
    await asyncio.sleep(0.5)
    if first == "stop":
        system.stop(a)
    else:
        system.send(a, "fail")
    await asyncio.sleep(0.5)
    system.send(b, "fail")
    await asyncio.sleep(5.0)
    if first == "stop":
        ends = ["Started", "Stopping", "Stopped"]
    else:
        ends = ["Started", "fail", "Restarting", "Started"]
    assert [entry for entry in journal if "Terminated" not in entry] == [
        f"a:{end}" for end in ends
    ]


async def test_trap_16_restarting_then_started_and_no_redelivery(
    system: ActorSystem,
) -> None:
    seen: list[tuple[int, object]] = []
    made = 0

    class Fragile(Actor):
        def __init__(self) -> None:
            nonlocal made
            made += 1
            self.number = made

        def receive(self, context: Context) -> None:
            seen.append((self.number, context.message))
            if context.message == "fail":
                raise ValueError

    pid = system.spawn(Fragile)
    system.send(pid, "fail")
    system.send(pid, "next")
    await system.poison(pid)
    old, new = (
        [(1, Started()), (1, "fail"), (1, Restarting())],
        [(2, Started()), (2, "next"), (2, Stopping()), (2, Stopped())],
    )
    assert seen == old + new


async def test_trap_17_a_restart_waits_for_the_children(system: ActorSystem) -> None:
    events: list[str] = []

    class Child(Actor):
        async def receive(self, context: Context) -> None:
            if isinstance(context.message, Stopping):
                await asyncio.sleep(1.0)
            if isinstance(context.message, Started | Stopped):
                events.append(f"child {type(context.message).__name__}")

    class Restarted(Actor):
        def receive(self, context: Context) -> None:
            if isinstance(context.message, Started):
                events.append("parent Started")
                context.spawn_named(Child, "same name")
            elif context.message == "fail":
                raise ValueError

    pid = system.spawn(Restarted)
    system.send(pid, "fail")
    await asyncio.sleep(5.0)
    first = ["parent Started", "child Started", "child Stopped"]
    assert events == [*first, "parent Started", "child Started"]


async def test_trap_18_stopping_twice_stops_once(
    system: ActorSystem, probe: Probe
) -> None:
    journal = Journal()
    pid = system.spawn(journal.actor("a"))
    probe.watch(pid)
    await asyncio.gather(system.stop(pid), system.stop(pid), system.poison(pid))
    await system.stop(pid)
    assert journal == ["a:Started", "a:Stopping", "a:Stopped"]
    assert await probe.expect(Terminated) == Terminated(pid)
    await probe.expect_nothing()


async def test_trap_18_stopping_twice_while_children_stop(system: ActorSystem) -> None:
    journal = Journal()
    parent = system.spawn(lambda: Parent(journal, Props(SlowChild)))
    system.send(parent, ("spawn", "slow"))
    await asyncio.sleep(0.5)
    system.stop(parent)
    await asyncio.sleep(0.5)
    await system.stop(parent)
    assert journal.count("parent:Stopping") == 1
    assert journal.count("parent:Stopped") == 1


@pytest.mark.parametrize("watches", [False, True])
async def test_trap_18_a_parent_hears_once_unless_it_watches_too(
    system: ActorSystem, watches: bool
) -> None:
    heard: list[Terminated] = []

    def receive(context: Context) -> None:
        match context.message:
            case Started():
                child = context.spawn(Quiet)
                if watches:
                    context.watch(child)
                context.stop(child)
            case Terminated():
                heard.append(context.message)
            case _:
                pass

    system.spawn(Props.from_function(receive))
    await asyncio.sleep(1.0)
    assert len(heard) == (2 if watches else 1)


async def test_awaiting_a_stop_waits_until_the_actor_is_gone(
    system: ActorSystem,
) -> None:
    """Also when it is stopping already, and however many wait for it."""
    journal = Journal()
    parent = system.spawn(lambda: Parent(journal, Props(SlowChild)))
    system.send(parent, ("spawn", "slow"))
    await asyncio.sleep(0.5)
    system.stop(parent)
    await asyncio.sleep(0.5)
    await system.stop(parent)
    assert journal[-1] == "parent:Stopped"
    assert system.loop.time() == 1.5


async def test_a_name_is_free_once_its_actor_was_awaited(system: ActorSystem) -> None:
    """A late `Terminated` of the old child does not orphan the new one."""
    children = Journal()

    class Replacing(Actor):
        async def receive(self, context: Context) -> None:
            match context.message:
                case Started():
                    context.spawn_named(children.actor("old"), "child")
                case "replace":
                    await context.stop(context.children[0])
                    context.spawn_named(children.actor("new"), "child")
                case "children":
                    context.respond(len(context.children))
                case _:
                    pass

    parent = system.spawn(Replacing)
    system.send(parent, "replace")
    assert await system.request(parent, "children") == 1
    await asyncio.sleep(1.0)
    assert await system.request(parent, "children") == 1
    await system.stop(parent)
    assert children[-3:] == ["new:Started", "new:Stopping", "new:Stopped"]


async def test_a_child_spawned_while_stopping_is_stopped_too(
    system: ActorSystem,
) -> None:
    journal = Journal()
    parent = system.spawn(lambda: Parent(journal, Props(SlowChild)))
    system.send(parent, ("spawn", "first"))
    await asyncio.sleep(0.5)
    gone = system.stop(parent)
    await asyncio.sleep(0.5)
    system.send(parent, ("spawn", "late"))
    async with asyncio.timeout(60.0):
        await gone
    assert len(system.registry) == 1  # pending requests have the other id


async def test_a_child_spawned_while_restarting_is_stopped_too(
    system: ActorSystem,
) -> None:
    class Restarted(Actor):
        def receive(self, context: Context) -> None:
            match context.message:
                case Started():
                    if not context.children:
                        context.spawn_named(SlowChild, "own")
                case Restarting():
                    context.spawn_named(SlowChild, "late")
                case "fail":
                    raise ValueError
                case "children":
                    context.respond([pid.id.split("/")[-1] for pid in context.children])
                case _:
                    pass

    pid = system.spawn(Restarted)
    system.send(pid, "fail")
    assert await system.request(pid, "children", timeout=60.0) == ["own"]


async def test_a_child_spawned_in_stopped_leaves_no_orphan(system: ActorSystem) -> None:
    def receive(context: Context) -> None:
        if isinstance(context.message, Stopped):
            context.spawn(Quiet)

    await system.stop(system.spawn(Props.from_function(receive)))
    await asyncio.sleep(1.0)
    assert len(system.registry) == 1


async def test_stop_while_restarting(system: ActorSystem, probe: Probe) -> None:
    journal = Journal()
    parent = system.spawn(lambda: Parent(journal, Props(SlowChild)))
    probe.watch(parent)
    system.send(parent, ("spawn", "slow"))
    system.send(parent, "fail")
    await asyncio.sleep(0.5)
    system.stop(parent)
    await probe.expect(Terminated)
    lifecycle = ("Started", "Restarting", "Stopping", "Stopped")
    kinds = [entry.removeprefix("parent:") for entry in journal]
    assert tuple(kind for kind in kinds if kind in lifecycle) == lifecycle


async def test_a_failure_while_restarting_does_not_restart_twice(
    system: ActorSystem,
) -> None:
    journal = Journal()

    class Restarted(Actor):
        def receive(self, context: Context) -> None:
            journal.note("a", context)
            if isinstance(context.message, Started) and not context.children:
                context.spawn(SlowChild)
            if isinstance(context.message, Terminated | Restarting):
                raise ValueError
            if context.message == "fail":
                raise ValueError

    pid = system.spawn(Restarted)
    system.send(pid, "fail")
    await asyncio.sleep(10.0)
    assert journal.count("a:Restarting") == 1
    assert journal.count("a:Started") == 2


class Unmade(Exception):
    """What the producer raises."""


class Unreliable(Actor):
    """Cannot be made the second time."""

    made = 0

    def __init__(self, journal: Journal) -> None:
        type(self).made += 1
        self.name = f"no. {self.made}"
        self.journal = journal
        if self.made == 2:
            raise Unmade

    def receive(self, context: Context) -> None:
        self.journal.note(self.name, context)
        if context.message == "fail":
            raise ValueError

    def dispose(self) -> None:
        self.journal.append(f"{self.name}:disposed")


@pytest.mark.parametrize("directive", [Directive.RESTART, Directive.RESUME])
async def test_a_producer_that_fails_at_a_restart_is_tried_again(
    system: ActorSystem, directive: Directive
) -> None:
    class Once(Unreliable):
        pass

    def decide(error: Exception) -> Directive:
        return directive if isinstance(error, Unmade) else Directive.RESTART

    journal = Journal()
    props = Props(lambda: Once(journal), guardian=OneForOne(decide=decide))
    pid = system.spawn(props)
    system.send(pid, "fail")
    system.send(pid, "kept")
    await asyncio.sleep(1.0)
    old = ["Started", "fail", "Restarting", "disposed"]
    new = ["Started", "kept"]
    expected = [f"no. 1:{m}" for m in old] + [f"no. 3:{m}" for m in new]
    assert journal == expected


async def test_a_producer_that_fails_at_a_restart_can_be_stopped(
    system: ActorSystem, probe: Probe
) -> None:
    class Once(Unreliable):
        pass

    def decide(error: Exception) -> Directive:
        return Directive.STOP if isinstance(error, Unmade) else Directive.RESTART

    journal = Journal()
    props = Props(lambda: Once(journal), guardian=OneForOne(decide=decide))
    pid = system.spawn(props)
    probe.watch(pid)
    ask = asyncio.create_task(system.request(pid, "fail"))
    left = asyncio.create_task(system.request(pid, "left"))
    await probe.expect(Terminated)
    assert journal[-1] == "no. 1:disposed"
    assert (await asyncio.gather(ask, return_exceptions=True))[0]
    with pytest.raises(DeadLetter):
        await left


async def test_dispose_is_called_once_per_incarnation(system: ActorSystem) -> None:
    events: list[str] = []

    class Resource(Actor):
        def receive(self, context: Context) -> None:
            events.append(type(context.message).__name__)
            if context.message == "fail":
                raise ValueError

        async def dispose(self) -> None:
            await asyncio.sleep(1.0)
            events.append("disposed")

    pid = system.spawn(Resource)
    system.send(pid, "fail")
    await asyncio.sleep(5.0)
    await system.stop(pid)
    first = ["Started", "str", "Restarting", "disposed"]
    assert events == [*first, "Started", "Stopping", "Stopped", "disposed"]


@pytest.mark.parametrize("error", [ValueError, asyncio.CancelledError])
async def test_a_failing_dispose_changes_nothing(
    system: ActorSystem, error: type[BaseException]
) -> None:
    class Resource(Actor):
        def receive(self, context: Context) -> None:
            if context.message == "fail":
                raise ValueError
            context.respond("fine")

        async def dispose(self) -> None:
            await asyncio.sleep(1.0)
            raise error

    pid = system.spawn(Resource)
    system.send(pid, "fail")
    assert await system.request(pid, "ping") == "fine"
    await system.stop(pid)


async def test_poison_reaches_middleware_but_not_the_actor(system: ActorSystem) -> None:
    wrapped: list[object] = []
    journal = Journal()

    async def note(call: Received, next: ReceiveHandler) -> None:
        wrapped.append(call.envelope.message)
        await next(call)

    def receive(context: Context) -> None:
        journal.note("a", context)

    pid = system.spawn(Props.from_function(receive, receive_middleware=[note]))
    await system.poison(pid)
    assert wrapped == [Started(), PoisonPill(), Stopping(), Stopped()]
    assert journal == ["a:Started", "a:Stopping", "a:Stopped"]


async def test_poison_works_in_spite_of_middleware_that_raises(
    system: ActorSystem,
) -> None:
    async def refuse(call: Received, next: ReceiveHandler) -> None:
        if isinstance(call.envelope.message, PoisonPill):
            raise ValueError
        await next(call)

    pid = system.spawn(Props(Quiet, receive_middleware=[refuse]))
    async with asyncio.timeout(60.0):
        await system.poison(pid)


async def test_an_actor_that_stops_itself(system: ActorSystem, probe: Probe) -> None:
    def receive(context: Context) -> None:
        if context.message == "bye":
            context.stop(context.self)
            context.respond("stopping" if context.stopping else "not stopping")

    pid = system.spawn(Props.from_function(receive))
    probe.watch(pid)
    assert await system.request(pid, "bye") == "stopping"
    assert await probe.expect(Terminated) == Terminated(pid)


async def test_a_handler_sees_that_it_should_stop(system: ActorSystem) -> None:
    async def receive(context: Context) -> None:
        if context.message == "work":
            for step in range(100):
                if context.stopping:
                    context.respond(f"gave up at {step}")
                    return
                await asyncio.sleep(1.0)

    pid = system.spawn(Props.from_function(receive))
    ask = asyncio.create_task(system.request(pid, "work", timeout=60.0))
    await asyncio.sleep(4.5)
    system.stop(pid)
    assert await ask == "gave up at 5"


async def test_thousands_of_children_stop_in_linear_time(system: ActorSystem) -> None:
    """Each `Terminated` costs the same however many children are left."""

    def receive(context: Context) -> None:
        if isinstance(context.message, Started):
            for _ in range(20_000):
                context.spawn(Quiet)

    parent = system.spawn(Props.from_function(receive))
    await system.stop(parent)
    assert len(system.registry) == 1


async def test_the_requester_hears_when_its_target_gives_up_waiting(
    system: ActorSystem,
) -> None:
    def receive(context: Context) -> None:
        if context.message == "ask":
            never: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            context.reenter_after(never, lambda _: context.respond("never"))

    pid = system.spawn(Props.from_function(receive))
    ask = asyncio.create_task(system.request(pid, "ask", timeout=60.0))
    await asyncio.sleep(1.0)
    system.stop(pid)
    with pytest.raises(ActorStopped):
        await ask
