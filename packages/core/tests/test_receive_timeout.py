"""Telling an actor that it was idle."""

import asyncio
import gc
import weakref

import pytest

from protoactor import (
    Actor,
    ActorSystem,
    Context,
    ExponentialBackoff,
    NotInfluenceReceiveTimeout,
    Props,
    ReceiveTimeout,
    Started,
    Stopped,
)

pytestmark = pytest.mark.virtual_time


class Idle(Actor):
    """Notes when it times out."""

    def __init__(self, fired: list[float], seconds: float = 1.0) -> None:
        self.fired = fired
        self.seconds = seconds

    async def receive(self, context: Context) -> None:
        match context.message:
            case Started():
                context.set_receive_timeout(self.seconds)
            case ReceiveTimeout():
                self.fired.append(round(context.system.loop.time(), 6))
            case float(seconds):
                await asyncio.sleep(seconds)
            case "off":
                context.set_receive_timeout(0)
            case "fail":
                raise ValueError
            case Stopped():
                context.set_receive_timeout(self.seconds)
            case _:
                pass


class Quiet(Actor):
    def receive(self, context: Context) -> None:
        pass


class Recorder(Actor):
    def __init__(self, seen: list[object]) -> None:
        self.seen = seen

    def receive(self, context: Context) -> None:
        self.seen.append(context.message)


class Heartbeat(NotInfluenceReceiveTimeout):
    pass


async def test_it_fires_again_and_again(system: ActorSystem) -> None:
    fired: list[float] = []
    system.spawn(lambda: Idle(fired))
    await asyncio.sleep(3.5)
    assert fired == [1.0, 2.0, 3.0]


async def test_a_message_starts_the_time_anew(system: ActorSystem) -> None:
    fired: list[float] = []
    pid = system.spawn(lambda: Idle(fired))
    for _ in range(6):
        await asyncio.sleep(0.7)
        system.send(pid, "hello")
    assert fired == []
    await asyncio.sleep(1.5)
    assert fired == [5.2]


@pytest.mark.parametrize("asks", [False, True])
async def test_trap_32_marked_messages_do_not_count(
    system: ActorSystem, asks: bool
) -> None:
    """Neither bare nor in the envelope of a request."""
    fired: list[float] = []
    pid = system.spawn(lambda: Idle(fired))
    waiting: list[asyncio.Task[object]] = []
    for _ in range(5):
        await asyncio.sleep(0.6)
        if asks:
            ask = system.request(pid, Heartbeat(), timeout=60.0)
            waiting.append(asyncio.create_task(ask))
        else:
            system.send(pid, Heartbeat())
    assert fired == [1.0, 2.0, 3.0]
    for task in waiting:
        task.cancel()


async def test_it_does_not_fire_while_a_handler_is_busy(system: ActorSystem) -> None:
    fired: list[float] = []
    pid = system.spawn(lambda: Idle(fired))
    system.send(pid, 5.0)
    await asyncio.sleep(5.5)
    assert fired == []
    await asyncio.sleep(1.0)
    assert fired == [6.0]


async def test_zero_turns_it_off(system: ActorSystem) -> None:
    fired: list[float] = []
    pid = system.spawn(lambda: Idle(fired))
    await asyncio.sleep(1.5)
    system.send(pid, "off")
    await asyncio.sleep(60.0)
    assert fired == [1.0]


async def test_turned_off_it_fires_no_more(system: ActorSystem) -> None:
    """Not even if it had fired while the handler that turned it off was running."""
    seen: list[object] = []

    async def receive(context: Context) -> None:
        seen.append(context.message)
        if isinstance(context.message, Heartbeat):
            context.set_receive_timeout(1.0)
            await asyncio.sleep(1.5)
            context.set_receive_timeout(0)

    beat = Heartbeat()
    system.send(system.spawn(Props.from_function(receive)), beat)
    await asyncio.sleep(60.0)
    assert seen == [Started(), beat]


class Armed(Idle):
    """Leaves its timer alone when it ends."""

    async def receive(self, context: Context) -> None:
        if not isinstance(context.message, Stopped):
            await super().receive(context)


@pytest.mark.parametrize("kind", [Armed, Idle])
async def test_trap_33_nothing_fires_after_the_end(
    system: ActorSystem, kind: type[Idle]
) -> None:
    fired: list[float] = []
    actors: list[weakref.ref[Actor]] = []

    def make() -> Actor:
        actor = kind(fired)
        actors.append(weakref.ref(actor))
        return actor

    pid = system.spawn(make)
    await asyncio.sleep(0.5)
    await system.stop(pid)
    await asyncio.sleep(60.0)
    assert fired == []
    await system.stop(system.spawn(Quiet))  # the pump lets go of who was last
    gc.collect()
    assert actors[0]() is None  # no timer holds it


async def test_a_restart_forgets_it(system: ActorSystem) -> None:
    fired: list[float] = []
    made = 0

    def make() -> Actor:
        nonlocal made
        made += 1
        return Idle(fired) if made == 1 else Recorder(seen)

    seen: list[object] = []
    pid = system.spawn(make)
    await asyncio.sleep(0.5)
    system.send(pid, "fail")
    await asyncio.sleep(60.0)
    assert fired == []
    assert seen == [Started()]


async def test_a_suspended_actor_is_left_alone(system: ActorSystem) -> None:
    """It failed, and waits for its supervisor: its instance handles nothing more."""
    fired: list[float] = []
    guardian = ExponentialBackoff(initial=10.0, jitter=0.0)
    pid = system.spawn(Props(lambda: Idle(fired), guardian=guardian))
    system.send(pid, "fail")
    await asyncio.sleep(9.9)
    assert fired == []
    await asyncio.sleep(1.2)
    assert fired == [11.0]
