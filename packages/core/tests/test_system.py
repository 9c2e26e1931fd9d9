"""The life of a system: entering, leaving, whatever hangs, and two side by side."""

import asyncio
import threading
from collections.abc import Callable

import pytest

from protoactor import (
    PID,
    Actor,
    ActorSystem,
    AllForOne,
    Context,
    DeadLetter,
    DeadLetterEvent,
    Envelope,
    NotDelivered,
    OneForOne,
    Props,
    Started,
    Stopped,
    Stopping,
    SystemClosed,
)
from protoactor_testkit import Probe

pytestmark = pytest.mark.virtual_time
NewSystem = Callable[..., ActorSystem]


@pytest.fixture
def new_system(dispatcher: type) -> NewSystem:
    def make(**options: float) -> ActorSystem:
        return ActorSystem(stall_warning=None, dispatcher=dispatcher, **options)  # pyright: ignore[reportArgumentType]

    return make


class Journal(Actor):
    """Notes what it sees, and spawns a child when it is told."""

    def __init__(self, log: list[str], name: str) -> None:
        self.log = log
        self.name = name

    def receive(self, context: Context) -> None:
        match context.message:
            case Started() | Stopping() | Stopped():
                self.log.append(f"{self.name} {type(context.message).__name__}")
            case "spawn":
                context.spawn(lambda: Journal(self.log, f"child of {self.name}"))
            case _:
                pass


async def hang(context: Context) -> None:
    """Never returns from `hang`."""
    if context.message == "hang":
        await asyncio.get_running_loop().create_future()


async def test_leaving_stops_every_actor_children_first(new_system: NewSystem) -> None:
    log: list[str] = []
    async with new_system() as system:
        pid = system.spawn(lambda: Journal(log, "a"))
        system.send(pid, "spawn")
        await asyncio.sleep(1.0)
        log.clear()
        assert not system.stopped
    assert system.stopped
    child = ["child of a Stopping", "child of a Stopped"]
    assert log == ["a Stopping", *child, "a Stopped"]


async def test_a_system_can_be_left_at_once(new_system: NewSystem) -> None:
    async with new_system() as system:
        pass
    assert system.stopped


async def test_an_error_in_the_block_gets_through(new_system: NewSystem) -> None:
    log: list[str] = []

    async def fail_inside() -> None:
        async with new_system() as system:
            system.spawn(lambda: Journal(log, "a"))
            await asyncio.sleep(1.0)
            raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        await fail_inside()
    assert log[-1] == "a Stopped"


async def test_shutting_down_twice_is_once(new_system: NewSystem) -> None:
    async with new_system() as system:
        system.spawn(lambda: Journal([], "a"))
        await asyncio.gather(system.shutdown("first"), system.shutdown("second"))
        await system.shutdown()


async def test_a_system_is_entered_once(new_system: NewSystem) -> None:
    async with new_system() as system:
        with pytest.raises(SystemClosed, match="only once"):
            await system.__aenter__()


async def test_before_it_is_entered_every_call_says_so(new_system: NewSystem) -> None:
    system = new_system()
    nobody = PID("nonhost", "nobody")
    calls: list[Callable[[], object]] = [
        lambda: system.spawn(lambda: Journal([], "a")),
        lambda: system.send(nobody, "hello"),
        lambda: system.stop(nobody),
        lambda: system.post_threadsafe(nobody, "hello"),
        lambda: system.scheduler.send_once(1.0, nobody, "hello"),
    ]
    for call in calls:
        with pytest.raises(SystemClosed, match="async with ActorSystem"):
            call()
    with pytest.raises(SystemClosed, match="async with ActorSystem"):
        await system.request(nobody, "hello")
    with pytest.raises(SystemClosed, match="async with ActorSystem"):
        await system.shutdown()


async def test_after_it_was_left_nothing_starts_and_nothing_arrives(
    new_system: NewSystem,
) -> None:
    contexts: list[Context] = []
    async with new_system() as system:
        pid = system.spawn(Props.from_function(contexts.append))
        await asyncio.sleep(1.0)
    dead: list[DeadLetterEvent] = []
    system.events.subscribe(dead.append, DeadLetterEvent)
    for guardian in (None, OneForOne(), AllForOne()):
        with pytest.raises(SystemClosed, match="was shut down"):
            system.spawn(Props(lambda: Journal([], "late"), guardian=guardian))
    with pytest.raises(SystemClosed, match="was shut down"):
        contexts[0].spawn(lambda: Journal([], "late"))
    system.send(pid, "hello")
    assert [event.message for event in dead] == ["hello"]
    with pytest.raises(DeadLetter, match="was shut down"):
        await system.request(pid, "hello")
    async with asyncio.timeout(1.0):
        await system.stop(pid)


async def test_a_handler_that_never_returns_is_given_up(new_system: NewSystem) -> None:
    """After `shutdown_timeout`: cancelled, its messages dead, its stop awaited."""
    dead: list[DeadLetterEvent] = []
    cleaned_up: list[bool] = []

    async def receive(context: Context) -> None:
        try:
            await hang(context)
        finally:
            cleaned_up.append(True)

    async with new_system(shutdown_timeout=3.0) as system:
        system.events.subscribe(dead.append, DeadLetterEvent)
        pid = system.spawn(Props.from_function(receive))
        for message in ("hang", "left", "behind"):
            system.send(pid, message)
        await asyncio.sleep(1.0)
        cleaned_up.clear()
        gone = system.stop(pid)
    assert system.loop.time() == 4.0
    assert cleaned_up == [True]
    assert [event.message for event in dead] == ["left", "behind"]
    assert gone.done()
    assert len(asyncio.all_tasks()) == 1


async def test_a_handler_that_will_not_be_cancelled_is_left_behind(
    new_system: NewSystem,
) -> None:
    enough = asyncio.Event()
    handled: list[object] = []

    async def stubborn(context: Context) -> None:
        if context.message == "hang":
            while not enough.is_set():
                try:
                    await enough.wait()
                except asyncio.CancelledError:
                    continue
        elif isinstance(context.message, str):
            handled.append(context.message)

    async with new_system(shutdown_timeout=3.0) as system:
        dead: list[DeadLetterEvent] = []
        system.events.subscribe(dead.append, DeadLetterEvent)
        pid = system.spawn(Props.from_function(stubborn))
        for message in ("hang", "left"):
            system.send(pid, message)
        await asyncio.sleep(1.0)
    assert system.loop.time() <= 6.0
    enough.set()
    await asyncio.sleep(1.0)
    assert handled == []  # it ended late, and nothing else began
    assert [event.message for event in dead] == ["left"]


async def test_hanging_while_it_stops(new_system: NewSystem) -> None:
    async def receive(context: Context) -> None:
        if isinstance(context.message, Stopping):
            await asyncio.get_running_loop().create_future()

    async with new_system(shutdown_timeout=3.0) as system:
        gone = system.stop(system.spawn(Props.from_function(receive)))
    assert gone.done()
    assert len(asyncio.all_tasks()) == 1


async def test_a_stop_under_way_is_not_cut_short(new_system: NewSystem) -> None:
    """An actor that was stopping before has all the time that others have."""
    log: list[str] = []

    class Slow(Actor):
        async def receive(self, context: Context) -> None:
            if isinstance(context.message, Stopping):
                await asyncio.sleep(2.0)
                log.append("child Stopping")
            elif isinstance(context.message, Stopped):
                log.append("child Stopped")

    class Parent(Journal):
        def receive(self, context: Context) -> None:
            if isinstance(context.message, Started):
                context.spawn(Slow)
            super().receive(context)

    async with new_system() as system:
        pid = system.spawn(lambda: Parent(log, "parent"))
        await asyncio.sleep(1.0)
        system.stop(pid)
        await asyncio.sleep(1.0)
    assert log[-3:] == ["child Stopping", "child Stopped", "parent Stopped"]


async def test_a_cancelled_shutdown_still_ends(new_system: NewSystem) -> None:
    system = new_system(shutdown_timeout=60.0)
    async with system:
        pid = system.spawn(Props.from_function(hang))
        system.send(pid, "hang")
        await asyncio.sleep(1.0)
        leaving = asyncio.create_task(system.shutdown())
        await asyncio.sleep(1.0)
        leaving.cancel()
        with pytest.raises(asyncio.CancelledError):
            await leaving
        assert system.loop.time() < 5.0
        assert len(asyncio.all_tasks()) == 1


async def test_cancelling_the_shutdown_again_and_again(new_system: NewSystem) -> None:
    async def stubborn(context: Context) -> None:
        for _ in range(2):
            try:
                await hang(context)
            except asyncio.CancelledError:
                continue

    async with new_system(shutdown_timeout=60.0) as system:
        pid = system.spawn(Props.from_function(stubborn))
        system.send(pid, "hang")
        await asyncio.sleep(1.0)
        leaving = asyncio.create_task(system.shutdown())
        for _ in range(3):
            await asyncio.sleep(0.1)
            leaving.cancel()
        await asyncio.wait([leaving])
        async with asyncio.timeout(10.0):
            await system.shutdown()


async def test_a_handler_must_not_await_the_shutdown(new_system: NewSystem) -> None:
    errors: list[RuntimeError] = []

    async def receive(context: Context) -> None:
        if context.message == "bye":
            try:
                await context.system.shutdown()
            except RuntimeError as error:
                errors.append(error)
            context.system.start_background(context.system.shutdown(), "shutdown")

    async with new_system() as system:
        system.send(system.spawn(Props.from_function(receive)), "bye")
        await asyncio.sleep(1.0)
        assert "no handler can await it" in str(errors[0])
        assert system.stopped
        assert len(system.registry) == 1
        assert system.loop.time() == 1.0


async def test_requests_of_dying_handlers_end_at_once(new_system: NewSystem) -> None:
    """What a handler asks while it is cancelled has no actor to answer it."""
    ends: list[float] = []

    async def receive(context: Context) -> None:
        try:
            await hang(context)
        finally:
            if context.message == "hang":
                with pytest.raises(NotDelivered):
                    await context.request(other, "anybody there?")
                ends.append(context.system.loop.time())

    async with new_system(shutdown_timeout=1.0) as system:
        other = system.spawn(Props.from_function(hang))
        pid = system.spawn(Props.from_function(receive))
        system.send(pid, "hang")
        await asyncio.sleep(1.0)
    assert ends == [2.0]


async def test_background_work_is_cancelled_and_awaited(new_system: NewSystem) -> None:
    ended: list[bool] = []

    async def work() -> None:
        try:
            await asyncio.sleep(3600.0)
        finally:
            await asyncio.sleep(0.5)
            ended.append(True)

    async with new_system() as system:
        task = system.start_background(work(), "work")
        await asyncio.sleep(1.0)
    assert task.cancelled()
    assert ended == [True]


async def test_timers_of_the_system_end_with_it(new_system: NewSystem) -> None:
    async with new_system() as system:
        dead: list[DeadLetterEvent] = []
        system.events.subscribe(dead.append, DeadLetterEvent)
        system.scheduler.send_repeatedly(1.0, 1.0, PID("nonhost", "nobody"), "tick")
        await asyncio.sleep(2.5)
    await asyncio.sleep(60.0)
    assert len(dead) == 2


async def test_trap_11_other_threads_have_a_call_of_their_own(
    system: ActorSystem, probe: Probe
) -> None:
    await asyncio.to_thread(system.post_threadsafe, probe.pid, "from a thread")
    assert await probe.expect(str) == "from a thread"


async def test_trap_11_in_debug_mode_other_calls_raise(new_system: NewSystem) -> None:
    loop = asyncio.get_running_loop()
    loop.set_debug(True)
    contexts: list[Context] = []
    async with new_system() as system:
        pid = system.spawn(Props.from_function(contexts.append))
        await asyncio.sleep(1.0)
        calls: list[Callable[[], object]] = [
            lambda: system.send(pid, "hello"),
            lambda: contexts[0].send(pid, "hello"),
            lambda: contexts[0].watch(pid),
            lambda: system.spawn(lambda: Journal([], "a")),
        ]
        for call in calls:
            with pytest.raises(RuntimeError, match="post_threadsafe"):
                await asyncio.to_thread(call)
        system.send(pid, "from the loop")
        await asyncio.to_thread(system.post_threadsafe, pid, "from a thread")
    loop.set_debug(False)


async def test_trap_64_two_systems_share_nothing(new_system: NewSystem) -> None:
    def echo(context: Context) -> None:
        if isinstance(context.message, str):
            context.respond(f"{context.system.id} {context.message}")

    async with new_system() as first, new_system() as second:
        pid = first.spawn_named(Props.from_function(echo), "echo")
        assert second.spawn_named(Props.from_function(echo), "echo") == pid
        for system in (first, second, first):
            assert await system.request(pid, "a") == f"{system.id} a"
        await first.stop(pid)
        with pytest.raises(DeadLetter):
            await first.request(pid, "a")
        assert await second.request(pid, "a") == f"{second.id} a"
        assert first.dead_letters.counts
        assert not second.dead_letters.counts
        ids = [system.spawn(Props.from_function(echo)).id for system in (first, second)]
        assert len({id.split("~")[1] for id in ids}) == 2
        first.register(Extension())
        with pytest.raises(LookupError):
            second.extension(Extension)


def test_trap_64_two_systems_in_two_threads(dispatcher: type) -> None:
    """Each with a loop of its own, at the same time."""
    totals: list[int] = []

    async def count_to(limit: int) -> None:
        async with ActorSystem(stall_warning=None, dispatcher=dispatcher) as system:
            done: asyncio.Future[int] = asyncio.get_running_loop().create_future()

            def receive(context: Context) -> None:
                match context.message:
                    case int(number) if number == limit:
                        done.set_result(number)
                    case int(number):
                        context.send(context.self, number + 1)
                    case _:
                        pass

            system.send(system.spawn(Props.from_function(receive)), 0)
            totals.append(await done)

    threads = [
        threading.Thread(target=asyncio.run, args=(count_to(limit),))
        for limit in (5000, 6000)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30.0)
    assert sorted(totals) == [5000, 6000]


class Extension:
    pass


async def test_extensions_are_found_by_their_class(system: ActorSystem) -> None:
    extension = Extension()
    with pytest.raises(LookupError, match="no Extension runs"):
        system.extension(Extension)
    system.register(extension)
    system.register(extension)
    assert system.extension(Extension) is extension
    with pytest.raises(ValueError, match="registered with this system already"):
        system.register(Extension())
    system.unregister(extension)
    with pytest.raises(LookupError):
        system.extension(Extension)


async def test_headers_of_the_system_go_with_what_it_sends(dispatcher: type) -> None:
    seen: list[dict[str, str]] = []

    def receive(context: Context) -> None:
        if context.message == "look":
            seen.append(dict(context.headers))
            if context.sender:
                context.respond("seen")

    async with ActorSystem(
        stall_warning=None, dispatcher=dispatcher, headers={"tenant": "a"}
    ) as system:
        pid = system.spawn(Props.from_function(receive))
        system.send(pid, "look")
        system.send(pid, "look", headers={"tenant": "b"})
        await system.request(pid, "look")
    assert seen == [{"tenant": "a"}, {"tenant": "b"}, {"tenant": "a"}]


async def test_each_actor_keeps_values_for_extensions(system: ActorSystem) -> None:
    def receive(context: Context) -> None:
        match context.message:
            case int(number):
                context.store[int] = context.store.get(int, 0) + number
            case "total":
                context.respond(context.store.get(int, 0))
            case _:
                pass

    first, second = (system.spawn(Props.from_function(receive)) for _ in range(2))
    for number in (1, 2, 3):
        system.send(first, number)
    assert await system.request(first, "total") == 6
    assert await system.request(second, "total") == 0


async def test_an_envelope_is_delivered_as_it_is(
    system: ActorSystem, probe: Probe
) -> None:
    system.deliver(probe.pid, Envelope("hello", probe.pid, {"k": "v"}))
    assert await probe.expect(str) == "hello"
    assert probe.headers == {"k": "v"}
