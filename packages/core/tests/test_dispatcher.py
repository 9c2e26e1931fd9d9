"""Both dispatchers: one turn at a time, real tasks, and nothing leaks between actors."""

import asyncio
import contextvars
import gc
import random
import weakref
from collections.abc import Awaitable, Callable

import pytest

from protoactor import (
    ActorSystem,
    Context,
    HandlerCancelled,
    HandlerFailed,
    Props,
    PumpDispatcher,
    Restarting,
    Started,
    TaskDispatcher,
)

pytestmark = pytest.mark.virtual_time


def handler_tasks() -> int:
    """Tasks other than the test itself."""
    return len(asyncio.all_tasks()) - 1


async def sleeper(context: Context) -> None:
    """Sleeps as long as it is told, and says so."""
    if isinstance(context.message, float):
        await asyncio.sleep(context.message)
        context.respond("slept")


async def test_trap_03_no_wakeup_is_lost(system: ActorSystem) -> None:
    threads, callbacks, each = 4, 50, 1000
    handled = 0

    def count(context: Context) -> None:
        nonlocal handled
        handled += context.message == "count"

    pid = system.spawn(Props.from_function(count))

    def post_from_thread() -> None:
        for _ in range(12_500):
            system.post_threadsafe(pid, "count")

    async def post_from_callbacks() -> None:
        for _ in range(each):
            system.send(pid, "count")
            if random.Random(handled).random() < 0.5:
                await asyncio.sleep(0)

    posting = [asyncio.to_thread(post_from_thread) for _ in range(threads)]
    await asyncio.gather(*posting, *(post_from_callbacks() for _ in range(callbacks)))
    await system.poison(pid)
    assert handled == threads * 12_500 + callbacks * each


@pytest.mark.parametrize("seed", range(20))
async def test_trap_03_a_message_at_any_moment_is_handled(
    system: ActorSystem, seed: int
) -> None:
    """Posts hit the actor while it drains, suspends, resumes and falls idle."""
    chance = random.Random(seed)
    handled = 0

    async def receive(context: Context) -> None:
        nonlocal handled
        if context.message == "count":
            for _ in range(chance.randrange(3)):
                await asyncio.sleep(0)
            handled += 1

    pid = system.spawn(Props.from_function(receive))
    for posted in range(1, 301):
        system.send(pid, "count")
        for _ in range(chance.randrange(5)):
            await asyncio.sleep(0)
        if chance.random() < 0.1:
            await asyncio.sleep(0.001)
            assert handled == posted
    await asyncio.sleep(1.0)
    assert handled == 300


async def test_trap_03_nothing_runs_while_actors_are_idle(
    dispatcher: type, system: ActorSystem
) -> None:
    pids = [system.spawn(Props.from_function(sleeper)) for _ in range(200)]
    asks = [system.request(pid, 0.5) for pid in pids]
    assert await asyncio.gather(*asks) == ["slept"] * 200
    await asyncio.sleep(1.0)
    kept = 64 if dispatcher is PumpDispatcher else 0  # tasks for handlers to come
    assert handler_tasks() <= kept


@pytest.mark.parametrize("seed", range(20))
async def test_trap_04_one_runner_per_actor(system: ActorSystem, seed: int) -> None:
    chance = random.Random(seed)
    inside = 0
    overlaps: list[int] = []
    handled: list[int] = []

    async def receive(context: Context) -> None:
        nonlocal inside
        inside += 1
        overlaps.append(inside)
        for _ in range(chance.randrange(4)):
            await asyncio.sleep(chance.choice([0, 0, 0.001]))
        if isinstance(context.message, int):
            handled.append(context.message)
        inside -= 1

    pid = system.spawn(Props.from_function(receive))
    for number in range(300):
        system.send(pid, number)
        for _ in range(chance.randrange(4)):
            await asyncio.sleep(0)
    await system.poison(pid)
    assert max(overlaps) == 1
    assert handled == list(range(300))


async def test_trap_07_a_leaked_cancellation_goes_to_supervision(
    system: ActorSystem,
) -> None:
    seen: list[object] = []

    async def receive(context: Context) -> None:
        seen.append(context.message)
        if context.message == "leak":
            raise asyncio.CancelledError
        if context.message == "leak later":
            await asyncio.sleep(1.0)
            raise asyncio.CancelledError
        context.respond("fine")

    pid = system.spawn(Props.from_function(receive))
    for leak in ("leak", "leak later"):
        with pytest.raises(HandlerFailed) as failed:
            await system.request(pid, leak)
        assert isinstance(failed.value.__cause__, HandlerCancelled)
        assert isinstance(failed.value.__cause__.__cause__, asyncio.CancelledError)
        assert await system.request(pid, "ping") == "fine"
    kinds = [type(message) for message in seen]
    assert kinds.count(Restarting) == 2
    assert kinds.count(Started) == 3


@pytest.mark.parametrize("message", [Started, Restarting])
async def test_trap_07_a_cancellation_out_of_a_lifecycle_handler(
    system: ActorSystem, message: type
) -> None:
    left = 2

    async def receive(context: Context) -> None:
        nonlocal left
        if isinstance(context.message, message) and left:
            left -= 1
            raise asyncio.CancelledError
        if context.message == "fail":
            raise ValueError
        context.respond("fine")

    pid = system.spawn(Props.from_function(receive))
    system.send(pid, "fail")
    system.send(pid, "fail")
    assert await system.request(pid, "ping") == "fine"


TENANT = contextvars.ContextVar("TENANT", default="nobody's")


@pytest.mark.parametrize("suspends", [False, True])
async def test_trap_08_the_senders_context_stays_with_the_sender(
    system: ActorSystem, suspends: bool
) -> None:
    async def receive(context: Context) -> None:
        if context.message == "ask":
            found = [TENANT.get()]
            if suspends:
                await asyncio.sleep(1.0)
            found.append(TENANT.get())
            context.respond(found)

    async def relay(context: Context) -> None:
        if context.message == "ask":
            TENANT.set("the relay's")
            context.respond(await context.request(target, "ask"))

    target = system.spawn(Props.from_function(receive))
    relaying = system.spawn(Props.from_function(relay))
    TENANT.set("the test's")
    for asked in (target, relaying, target):
        assert await system.request(asked, "ask") == ["nobody's"] * 2
    assert TENANT.get() == "the test's"


async def set_only(_: Context) -> None:
    TENANT.set("left behind")


async def set_and_sleep(_: Context) -> None:
    TENANT.set("left behind")
    await asyncio.sleep(1.0)
    assert TENANT.get() == "left behind"


async def set_within_timeout(_: Context) -> None:
    TENANT.set("left behind")
    async with asyncio.timeout(5.0):
        await asyncio.sleep(1.0)
    TENANT.set("left behind again")


async def set_after_sleeping(_: Context) -> None:
    await asyncio.sleep(1.0)
    TENANT.set("left behind")


async def set_and_fail(_: Context) -> None:
    TENANT.set("left behind")
    raise ValueError


@pytest.mark.parametrize(
    "leave", [set_only, set_and_sleep, set_within_timeout, set_after_sleeping]
)
async def test_trap_08_what_a_handler_sets_no_other_actor_sees(
    system: ActorSystem, leave: Callable[[Context], Awaitable[None]]
) -> None:
    found: list[str] = []

    async def receive(context: Context) -> None:
        if context.message == "leave":
            await leave(context)
        elif context.message == "look":
            found.append(TENANT.get())
            await asyncio.sleep(0.5)
            found.append(TENANT.get())

    leavers = [system.spawn(Props.from_function(receive)) for _ in range(10)]
    lookers = [system.spawn(Props.from_function(receive)) for _ in range(10)]
    for round in range(4):
        for leaver, looker in zip(leavers, lookers, strict=True):
            system.send(leaver, "leave")
            system.send(looker, "look")
        await asyncio.sleep(round % 2 * 3.0)
    await asyncio.sleep(10.0)
    assert found == ["nobody's"] * 80
    assert TENANT.get() == "nobody's"


@pytest.mark.parametrize(
    "leave", [set_only, set_and_sleep, set_within_timeout, set_after_sleeping]
)
async def test_trap_08_what_a_handler_sets_its_next_one_does_not_see(
    system: ActorSystem, leave: Callable[[Context], Awaitable[None]]
) -> None:
    """Not within a turn either, be it for `Started`, a message or a callback."""
    found: list[str] = []

    async def look_and_leave(context: Context) -> None:
        found.append(TENANT.get())
        await leave(context)

    async def receive(context: Context) -> None:
        await look_and_leave(context)
        if context.message == "again":
            context.reenter_after(done, lambda _: look_and_leave(context))

    done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    done.set_result(None)
    pid = system.spawn(Props.from_function(receive))
    for message in ("one", "two", "three", "again", "five"):
        system.send(pid, message)
    await asyncio.sleep(30.0)
    await system.poison(pid)
    assert found[:7] == ["nobody's"] * 7
    assert TENANT.get() == "nobody's"


async def test_trap_09_waiting_handlers_are_not_collected(system: ActorSystem) -> None:
    waited_for: weakref.WeakSet[asyncio.Future[None]] = weakref.WeakSet()

    async def receive(context: Context) -> None:
        if context.message == "wait":
            future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            waited_for.add(future)
            await future
            context.respond("woken")

    pids = [system.spawn(Props.from_function(receive)) for _ in range(500)]
    asks = [asyncio.create_task(system.request(pid, "wait")) for pid in pids]
    for _ in range(5):
        await asyncio.sleep(0.1)
        gc.collect()
    assert len(waited_for) == 500
    for future in list(waited_for):
        future.set_result(None)
    assert await asyncio.gather(*asks) == ["woken"] * 500


@pytest.mark.parametrize("after", [0.0, -1.0, 0.1])
async def test_timeouts_work_in_handlers(system: ActorSystem, after: float) -> None:
    async def receive(context: Context) -> None:
        if context.message == "go":
            try:
                async with asyncio.timeout(after):
                    await asyncio.sleep(60.0)
            except TimeoutError:
                context.respond("timed out")

    pid = system.spawn(Props.from_function(receive))
    for _ in range(5):
        assert await system.request(pid, "go") == "timed out"


async def test_a_timeout_lets_go_of_the_task(system: ActorSystem) -> None:
    """The deadline of one handler never cancels the next one in the same task."""

    async def receive(context: Context) -> None:
        if context.message == "short":
            async with asyncio.timeout(1.0):
                await asyncio.sleep(0.5)
        elif context.message == "long":
            await asyncio.sleep(5.0)
            context.respond("undisturbed")

    pids = [system.spawn(Props.from_function(receive)) for _ in range(3)]
    for pid in pids:
        system.send(pid, "short")
    asks = (system.request(pid, "long", timeout=30.0) for pid in pids)
    assert await asyncio.gather(*asks) == ["undisturbed"] * 3


async def test_task_groups_work_in_handlers(system: ActorSystem) -> None:
    async def square(number: int) -> int:
        await asyncio.sleep(number)
        return number * number

    async def receive(context: Context) -> None:
        if context.message == "squares":
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(square(n)) for n in range(4)]
            context.respond([task.result() for task in tasks])

    pid = system.spawn(Props.from_function(receive))
    for _ in range(3):
        assert await system.request(pid, "squares") == [0, 1, 4, 9]


async def test_a_failed_task_group_fails_the_handler(system: ActorSystem) -> None:
    async def fail() -> None:
        raise ValueError("in the group")

    async def receive(context: Context) -> None:
        if context.message == "group":
            async with asyncio.TaskGroup() as group:
                group.create_task(fail())
                group.create_task(asyncio.sleep(60.0))
        context.respond("fine")

    pid = system.spawn(Props.from_function(receive))
    for _ in range(3):
        with pytest.raises(HandlerFailed) as failed:
            await system.request(pid, "group")
        assert isinstance(failed.value.__cause__, ExceptionGroup)
        assert await system.request(pid, "ping") == "fine"


def cancel_myself() -> None:
    task = asyncio.current_task()
    assert task is not None
    task.cancel()


@pytest.mark.parametrize("suspended_before", [False, True])
async def test_a_handler_that_cancels_its_own_task_fails(
    system: ActorSystem, suspended_before: bool
) -> None:
    async def receive(context: Context) -> None:
        if context.message == "cancel":
            if suspended_before:
                await asyncio.sleep(1.0)
            cancel_myself()
            await asyncio.sleep(1.0)
        context.respond("fine")

    pid = system.spawn(Props.from_function(receive))
    for _ in range(5):
        with pytest.raises(HandlerFailed) as failed:
            await system.request(pid, "cancel")
        assert isinstance(failed.value.__cause__, HandlerCancelled)
        assert await system.request(pid, "ping") == "fine"


async def test_a_handler_that_cancels_what_it_waits_for(system: ActorSystem) -> None:
    """Cancelling a task cancels the future it awaits, as everywhere in asyncio."""
    awaited: list[asyncio.Task[None]] = []

    async def receive(context: Context) -> None:
        if context.message == "cancel":
            awaited.append(asyncio.create_task(asyncio.sleep(60.0)))
            cancel_myself()
            await awaited[-1]

    pid = system.spawn(Props.from_function(receive))
    for _ in range(3):
        with pytest.raises(HandlerFailed):
            await system.request(pid, "cancel")
        await asyncio.sleep(0)
        assert awaited[-1].cancelled()


async def test_a_cancellation_that_no_await_met_ends_with_the_turn(
    system: ActorSystem,
) -> None:
    async def receive(context: Context) -> None:
        if context.message == "cancel":
            cancel_myself()
        elif context.message == "sleep":
            await asyncio.sleep(1.0)
            context.respond("slept")

    canceller = system.spawn(Props.from_function(receive))
    others = [system.spawn(Props.from_function(receive)) for _ in range(3)]
    for _ in range(5):
        system.send(canceller, "cancel")
        asks = [system.request(pid, "sleep") for pid in others]
        assert await asyncio.gather(*asks) == ["slept"] * 3
        assert await system.request(canceller, "sleep") == "slept"


@pytest.mark.parametrize("moment", range(5))
async def test_actors_outlive_the_cancellation_of_every_task(
    system: ActorSystem, moment: int
) -> None:
    """Idle, about to run or running: the worst that can happen is a failed handler."""
    pids = [system.spawn(Props.from_function(sleeper)) for _ in range(10)]
    warm = [system.request(pid, 0.1) for pid in pids]
    await asyncio.gather(*warm)
    for pid in pids:
        system.send(pid, 0.1)
    for _ in range(moment):
        await asyncio.sleep(0)
    for task in asyncio.all_tasks() - {asyncio.current_task()}:
        task.cancel()
    asks = [system.request(pid, 0.1) for pid in pids]
    assert await asyncio.gather(*asks) == ["slept"] * 10


async def test_a_task_that_was_cancelled_late_runs_no_handler(
    system: ActorSystem,
) -> None:
    """Somebody kept the current task of a handler, and cancels it much later."""
    kept: list[asyncio.Task[object]] = []

    async def receive(context: Context) -> None:
        task = asyncio.current_task()
        assert task is not None
        kept.append(task)
        await asyncio.sleep(0.1)
        context.respond("fine")

    pid = system.spawn(Props.from_function(receive))
    for _ in range(5):
        assert await system.request(pid, "ping") == "fine"
        kept[-1].cancel()


async def test_eager_tasks_change_nothing(dispatcher: type) -> None:
    """A loop that starts tasks eagerly must not make `send` run the receiver."""
    factory = getattr(asyncio, "eager_task_factory", None)
    if factory is None:
        pytest.skip("eager tasks came with Python 3.12")
    asyncio.get_running_loop().set_task_factory(factory)
    ran: list[object] = []
    async with ActorSystem(stall_warning=None, dispatcher=dispatcher) as system:
        pid = system.spawn(Props.from_function(sleeper))
        other = system.spawn(Props.from_function(lambda c: ran.append(c.message)))
        system.send(other, "sent")
        assert ran == []
        assert await system.request(pid, 1.0) == "slept"
        assert ran == [Started(), "sent"]


async def test_the_dispatcher_is_chosen_by_the_system() -> None:
    async with ActorSystem(stall_warning=None) as system:
        assert isinstance(system.dispatcher, PumpDispatcher)
    async with ActorSystem(stall_warning=None, dispatcher=TaskDispatcher) as system:
        assert isinstance(system.dispatcher, TaskDispatcher)


async def test_a_request_runs_what_is_ready_on_the_spot() -> None:
    """The pump answers an idle actor's request without a turn of the loop."""
    turns = 0

    def turn() -> None:
        nonlocal turns
        turns += 1
        asyncio.get_running_loop().call_soon(turn)

    async with ActorSystem(stall_warning=None) as system:
        pid = system.spawn(Props.from_function(lambda c: c.respond("now")))
        await asyncio.sleep(0)
        turn()
        assert await system.request(pid, "ask") == "now"
        assert turns == 1


async def test_requests_between_actors_that_wait_for_each_other_nest(
    system: ActorSystem,
) -> None:
    """A chain of handlers, each suspended in a request to the next."""

    async def receive(context: Context) -> None:
        match context.message:
            case 0:
                context.respond(0)
            case int(left):
                behind = context.spawn(Props.from_function(receive))
                passed = await context.request(behind, left - 1, returns=int)
                context.respond(passed + 1)
            case _:
                pass

    first = system.spawn(Props.from_function(receive))
    assert await system.request(first, 100) == 100


async def test_failing_and_leaving_variables_behind(system: ActorSystem) -> None:
    async def receive(context: Context) -> None:
        if context.message == "fail":
            await set_and_fail(context)
        context.respond(TENANT.get())

    first, second = (system.spawn(Props.from_function(receive)) for _ in range(2))
    system.send(first, "fail")
    assert await system.request(second, "look") == "nobody's"
