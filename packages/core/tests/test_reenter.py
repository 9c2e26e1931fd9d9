"""Going on with other messages while something is awaited."""

import asyncio
from dataclasses import dataclass

import pytest

from protoactor import (
    PID,
    Actor,
    ActorStopped,
    ActorSystem,
    AllForOne,
    Context,
    HandlerFailed,
    Props,
    RequestTimeout,
    Started,
    Stopping,
)
from protoactor_testkit import Probe

pytestmark = pytest.mark.virtual_time


def new_future() -> asyncio.Future[str]:
    return asyncio.get_running_loop().create_future()


async def test_other_messages_are_handled_meanwhile(
    system: ActorSystem, probe: Probe
) -> None:
    def receive(context: Context) -> None:
        if context.message == "slow":
            sleep = asyncio.sleep(1.0, "result")
            context.reenter_after(sleep, lambda done: context.respond(done.result()))
        elif context.message == "quick":
            context.respond("quick")

    pid = system.spawn(Props.from_function(receive))
    probe.send(pid, "slow")
    probe.send(pid, "quick")
    assert await probe.expect(str) == "quick"
    assert await probe.expect(str) == "result"


@pytest.mark.parametrize("outcome", ["result", "error", "cancelled"])
async def test_the_callback_gets_the_finished_future(
    system: ActorSystem, outcome: str
) -> None:
    seen: list[str] = []

    def callback(done: asyncio.Future[str]) -> None:
        if done.cancelled():
            seen.append("cancelled")
        elif done.exception():
            seen.append("error")
        else:
            seen.append(done.result())

    def receive(context: Context) -> None:
        if context.message == "go":
            context.reenter_after(future, callback)

    future = new_future()
    system.send(system.spawn(Props.from_function(receive)), "go")
    await asyncio.sleep(1.0)
    match outcome:
        case "result":
            future.set_result("result")
        case "error":
            future.set_exception(ValueError())
        case _:
            future.cancel()
    await asyncio.sleep(1.0)
    assert seen == [outcome]


async def test_callbacks_run_one_at_a_time(system: ActorSystem) -> None:
    inside = 0
    most = 0

    async def turn() -> None:
        nonlocal inside, most
        inside += 1
        most = max(most, inside)
        await asyncio.sleep(0.01)
        inside -= 1

    async def receive(context: Context) -> None:
        if isinstance(context.message, int):
            for delay in range(3):
                context.reenter_after(asyncio.sleep(delay / 100), lambda _: turn())
            await turn()

    pid = system.spawn(Props.from_function(receive))
    for number in range(50):
        system.send(pid, number)
    await asyncio.sleep(60.0)
    assert most == 1


async def test_one_future_may_be_waited_for_twice(system: ActorSystem) -> None:
    seen: list[str] = []
    future = new_future()

    def receive(context: Context) -> None:
        if isinstance(context.message, str):
            name = context.message
            context.reenter_after(future, lambda done: seen.append(name))

    pid = system.spawn(Props.from_function(receive))
    system.send(pid, "first")
    system.send(pid, "second")
    await asyncio.sleep(1.0)
    future.set_result("")
    await asyncio.sleep(1.0)
    assert seen == ["first", "second"]


@dataclass(frozen=True, slots=True)
class WaitFor:
    future: asyncio.Future[str]


class Fragile(Actor):
    """Waits for the future it is sent, fails on `fail`."""

    def __init__(self, probe: Probe) -> None:
        self.probe = probe

    def receive(self, context: Context) -> None:
        match context.message:
            case WaitFor(future):
                context.reenter_after(
                    future, lambda done: context.send(self.probe.pid, done.result())
                )
            case "fail":
                raise ValueError
            case _:
                pass


async def test_trap_30_a_new_incarnation_gets_no_old_callback(
    system: ActorSystem, probe: Probe
) -> None:
    pid = system.spawn(lambda: Fragile(probe))
    future = new_future()
    system.send(pid, WaitFor(future))
    system.send(pid, "fail")
    await asyncio.sleep(1.0)
    future.set_result("of the old incarnation")
    await probe.expect_nothing(within=1.0)


async def test_trap_30_nor_does_the_old_one_while_it_is_replaced(
    system: ActorSystem, probe: Probe
) -> None:
    class SlowChild(Actor):
        async def receive(self, context: Context) -> None:
            if isinstance(context.message, Stopping):
                await asyncio.sleep(2.0)

    class WithChild(Fragile):
        def receive(self, context: Context) -> None:
            if isinstance(context.message, Started):
                context.spawn(SlowChild)
            super().receive(context)

    pid = system.spawn(lambda: WithChild(probe))
    future = new_future()
    system.send(pid, WaitFor(future))
    system.send(pid, "fail")
    await asyncio.sleep(1.0)
    future.set_result("while its child stops")
    await probe.expect_nothing(within=10.0)


async def test_trap_30_a_stopped_actor_gets_none_either(
    system: ActorSystem, probe: Probe
) -> None:
    pid = system.spawn(lambda: Fragile(probe))
    future = new_future()
    system.send(pid, WaitFor(future))
    await asyncio.sleep(1.0)
    await system.stop(pid)
    future.set_result("too late")
    await probe.expect_nothing(within=1.0)


async def test_trap_30_a_callback_that_waits_behind_a_restart(
    system: ActorSystem,
) -> None:
    """The future is done while the old incarnation is still busy."""
    called: list[object] = []

    async def receive(context: Context) -> None:
        match context.message:
            case "reenter":
                context.reenter_after(asyncio.sleep(1.0), called.append)
                await asyncio.sleep(2.0)
            case "fail":
                raise ValueError
            case _:
                pass

    def parent(context: Context) -> None:
        if isinstance(context.message, Started):
            for name in ("busy", "failing"):
                context.spawn_named(Props.from_function(receive), name)

    props = Props.from_function(parent, supervisor=AllForOne())
    id = system.spawn(props).id
    await asyncio.sleep(0.1)
    system.send(PID(system.address, f"{id}/busy"), "reenter")
    await asyncio.sleep(0.5)
    system.send(PID(system.address, f"{id}/failing"), "fail")
    await asyncio.sleep(5.0)
    assert system.statistics.restarted == 2
    assert called == []


async def test_trap_31_the_message_is_there_again_and_then_gone(
    system: ActorSystem, probe: Probe
) -> None:
    seen: list[tuple[object, PID | None, object]] = []
    contexts: list[Context] = []

    def note(context: Context) -> None:
        seen.append((context.message, context.sender, dict(context.headers)))

    def receive(context: Context) -> None:
        if context.message == "ask":
            contexts.append(context)
            context.reenter_after(asyncio.sleep(1.0), lambda _: note(context))
        elif context.message == "plain":
            note(context)

    pid = system.spawn(Props.from_function(receive))
    probe.send(pid, "ask", headers={"k": "v"})
    await asyncio.sleep(2.0)
    assert (contexts[0].message, contexts[0].sender) == (None, None)
    system.send(pid, "plain")
    await asyncio.sleep(1.0)
    assert seen == [("ask", probe.pid, {"k": "v"}), ("plain", None, {})]


async def test_a_callback_may_suspend_and_fail(system: ActorSystem) -> None:
    async def fail_later(_: object) -> None:
        await asyncio.sleep(1.0)
        raise ValueError("in the callback")

    def receive(context: Context) -> None:
        if context.message == "ask":
            context.reenter_after(asyncio.sleep(1.0), fail_later)
        elif context.message == "ping":
            context.respond("pong")

    pid = system.spawn(Props.from_function(receive))
    with pytest.raises(HandlerFailed, match="in the callback"):
        await system.request(pid, "ask")
    assert await system.request(pid, "ping") == "pong"


@pytest.mark.parametrize("ending", ["stop", "fail"])
async def test_whoever_asked_hears_that_the_callback_never_comes(
    system: ActorSystem, ending: str
) -> None:
    def receive(context: Context) -> None:
        match context.message:
            case "ask":
                context.reenter_after(new_future(), lambda _: context.respond("never"))
            case "fail":
                raise ValueError
            case "stop":
                context.stop(context.self)
            case _:
                pass

    pid = system.spawn(Props.from_function(receive))
    ask = asyncio.create_task(system.request(pid, "ask", timeout=60.0))
    await asyncio.sleep(1.0)
    system.send(pid, ending)
    with pytest.raises(ActorStopped):
        await ask
    assert system.loop.time() == 1.0


async def test_the_asker_hears_it_too_while_children_stop(system: ActorSystem) -> None:
    class SlowChild(Actor):
        async def receive(self, context: Context) -> None:
            if isinstance(context.message, Stopping):
                await asyncio.sleep(2.0)

    def receive(context: Context) -> None:
        if isinstance(context.message, Started):
            context.spawn(SlowChild)
        elif context.message == "ask":
            sleep = asyncio.sleep(1.0)
            context.reenter_after(sleep, lambda _: context.respond("never"))

    pid = system.spawn(Props.from_function(receive))
    ask = asyncio.create_task(system.request(pid, "ask", timeout=60.0))
    await asyncio.sleep(0.5)
    system.stop(pid)
    with pytest.raises(ActorStopped):
        await ask


async def test_what_the_actor_started_is_cancelled_when_it_ends(
    system: ActorSystem,
) -> None:
    cancelled: list[bool] = []

    async def work() -> None:
        try:
            await asyncio.sleep(60.0)
        finally:
            cancelled.append(True)

    def receive(context: Context) -> None:
        if context.message == "go":
            context.reenter_after(work(), lambda _: None)

    pid = system.spawn(Props.from_function(receive))
    system.send(pid, "go")
    await asyncio.sleep(1.0)
    await system.stop(pid)
    await asyncio.sleep(0)
    assert cancelled == [True]


async def test_what_others_started_goes_on(system: ActorSystem) -> None:
    """Two actors wait for one task; the end of the first is no end of it."""
    shared = asyncio.create_task(asyncio.sleep(5.0, "shared"))

    def receive(context: Context) -> None:
        if context.message == "go":
            context.reenter_after(shared, lambda done: context.respond(done.result()))

    first, second = (system.spawn(Props.from_function(receive)) for _ in range(2))
    asks = [
        asyncio.create_task(system.request(p, "go", timeout=60.0))
        for p in (first, second)
    ]
    await asyncio.sleep(1.0)
    await system.stop(first)
    with pytest.raises(ActorStopped):
        await asks[0]
    assert await asks[1] == "shared"


async def test_the_deadline_holds_in_the_callback(system: ActorSystem) -> None:
    remaining: list[float | None] = []

    def receive(context: Context) -> None:
        if context.message == "ask":
            context.reenter_after(
                asyncio.sleep(2.0), lambda _: remaining.append(context.remaining)
            )

    pid = system.spawn(Props.from_function(receive))
    with pytest.raises(RequestTimeout):
        await system.request(pid, "ask", timeout=5.0)
    assert remaining == [pytest.approx(3.0)]
