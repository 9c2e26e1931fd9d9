"""Handlers that block run in threads, one message at a time."""

import asyncio
import threading
import time

import pytest

from protoactor import (
    PID,
    Actor,
    ActorSystem,
    BlockingContext,
    Context,
    HandlerFailed,
    NotDelivered,
    Props,
    ThreadDispatcher,
    blocking,
)
from protoactor_testkit import Probe


class Importer(Actor):
    """Blocks, in a thread."""

    def __init__(self) -> None:
        self.threads: set[int] = set()
        self.inside = 0

    @blocking
    def receive(self, context: BlockingContext) -> None:
        self.inside += 1
        assert self.inside == 1
        self.threads.add(threading.get_ident())
        match context.message:
            case float(seconds):
                time.sleep(seconds)
                context.respond("slept")
            case "threads":
                context.respond(threading.get_ident() in self.threads)
            case "fail":
                self.inside = 0
                raise ValueError("in a thread")
            case PID() as other:
                context.respond(context.request(other, "question", timeout=5.0))
            case "child":
                child = context.spawn(Importer)
                context.send(child, 0.0, sender=context.sender)
            case "stop":
                context.stop(context.self)
            case _:
                pass
        self.inside -= 1


async def test_the_loop_goes_on_while_a_handler_blocks(system: ActorSystem) -> None:
    pid = system.spawn(Importer)
    ask = asyncio.create_task(system.request(pid, 0.2))
    ticks = 0
    while not ask.done():
        await asyncio.sleep(0.001)
        ticks += 1
    assert await ask == "slept"
    assert ticks > 10


async def test_it_is_another_thread(system: ActorSystem) -> None:
    pid = system.spawn(Importer)
    assert await system.request(pid, "threads") is True


async def test_one_message_at_a_time(system: ActorSystem) -> None:
    pid = system.spawn(Importer)
    asks = [system.request(pid, 0.001) for _ in range(50)]
    assert await asyncio.gather(*asks) == ["slept"] * 50


async def test_what_it_raises_goes_to_supervision(system: ActorSystem) -> None:
    pid = system.spawn(Importer)
    with pytest.raises(HandlerFailed, match="in a thread"):
        await system.request(pid, "fail")
    assert await system.request(pid, 0.0) == "slept"


async def test_a_thread_may_ask_and_wait(system: ActorSystem, probe: Probe) -> None:
    ask = asyncio.create_task(system.request(system.spawn(Importer), probe.pid))
    await probe.expect(str)
    probe.reply("answer")
    assert await ask == "answer"


async def test_a_thread_may_spawn_send_and_stop(system: ActorSystem) -> None:
    assert await system.request(system.spawn(Importer), "child") == "slept"
    pid = system.spawn(Importer)
    system.send(pid, "stop")
    with pytest.raises(NotDelivered):
        await system.request(pid, 0.0)


async def test_plain_handlers_with_the_thread_dispatcher(system: ActorSystem) -> None:
    class Plain(Actor):
        def receive(self, context: Context) -> None:
            if context.message == "where":
                context.respond(threading.get_ident())

    props = Props(Plain, dispatcher=ThreadDispatcher())
    where = await system.request(system.spawn(props), "where", returns=int)
    assert where != threading.get_ident()


async def test_a_long_handler_sees_that_it_should_stop(
    system: ActorSystem, probe: Probe
) -> None:
    class Long(Actor):
        @blocking
        def receive(self, context: BlockingContext) -> None:
            if context.message == "work":
                context.send(probe.pid, "began")
                for _ in range(1000):
                    if context.stopping:
                        context.send(probe.pid, "gave up")
                        return
                    time.sleep(0.01)

    pid = system.spawn(Long)
    system.send(pid, "work")
    assert await probe.expect(str) == "began"
    await system.stop(pid)
    assert await probe.expect(str) == "gave up"


async def test_run_blocking_needs_no_actor(system: ActorSystem) -> None:
    assert await system.run_blocking(lambda: 6 * 7) == 42
    with pytest.raises(ZeroDivisionError):
        await system.run_blocking(lambda: 1 // 0)


async def test_lifecycle_messages_reach_blocking_handlers(
    system: ActorSystem, probe: Probe
) -> None:
    class Noting(Actor):
        @blocking
        def receive(self, context: BlockingContext) -> None:
            context.send(probe.pid, type(context.message).__name__)

    await system.poison(system.spawn(Noting))
    assert await probe.expect(str) == "Started"
