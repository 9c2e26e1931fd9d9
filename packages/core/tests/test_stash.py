"""Messages set aside, and handled later in their order."""

import asyncio

import pytest

from protoactor import (
    Actor,
    ActorSystem,
    Context,
    DeadLetterEvent,
    HandlerFailed,
    NotSent,
    Props,
    Started,
)
from protoactor.spi import Stop
from protoactor_testkit import Probe

pytestmark = pytest.mark.virtual_time


class Closed(Actor):
    """Stashes what comes until it is opened; answers everything then."""

    def __init__(self, open_at_once: bool = False) -> None:
        self.open = open_at_once

    def receive(self, context: Context) -> None:
        match context.message:
            case "open":
                self.open = True
                context.unstash_all()
            case "fail":
                raise ValueError
            case str() if self.open:
                context.respond(f"{context.message}!")
            case str():
                context.stash()
            case _:
                pass


async def test_unstashed_messages_come_in_order_before_the_queued(
    system: ActorSystem, probe: Probe
) -> None:
    pid = system.spawn(Closed)
    for message in ("1", "2", "3", "open", "4"):
        probe.send(pid, message)
    answers = [await probe.expect(str) for _ in range(4)]
    assert answers == ["1!", "2!", "3!", "4!"]


async def test_trap_33_an_unstashed_request_can_be_answered(
    system: ActorSystem,
) -> None:
    pid = system.spawn(Closed)
    ask = asyncio.create_task(system.request(pid, "question", headers={"k": "v"}))
    await asyncio.sleep(1.0)
    system.send(pid, "open")
    assert await ask == "question!"


async def test_a_restart_unstashes(system: ActorSystem, probe: Probe) -> None:
    made = 0

    def make() -> Actor:
        nonlocal made
        made += 1
        return Closed(open_at_once=made > 1)

    pid = system.spawn(make)
    for message in ("1", "2", "fail", "3"):
        probe.send(pid, message)
    answers = [await probe.expect(str) for _ in range(3)]
    assert answers == ["1!", "2!", "3!"]


async def test_what_is_stashed_at_the_end_is_dead(
    system: ActorSystem, probe: Probe
) -> None:
    dead: list[DeadLetterEvent] = []
    system.events.subscribe(dead.append, DeadLetterEvent)
    pid = system.spawn(Closed)
    for message in ("1", "2"):
        system.send(pid, message)
    await asyncio.sleep(1.0)
    await system.stop(pid)
    assert [event.message for event in dead] == ["1", "2"]


async def test_unstashing_while_unstashed_messages_wait(
    system: ActorSystem, probe: Probe
) -> None:
    """Each opening comes before what waits, whatever waits."""
    handled: list[object] = []

    class Nesting(Actor):
        stashed = False

        def receive(self, context: Context) -> None:
            message = context.message
            if message == 1 and not self.stashed:
                self.stashed = True
                context.stash()
            elif isinstance(message, int):
                handled.append(message)
                if message in (2, 3):
                    context.unstash_all()

    pid = system.spawn(Nesting)
    for number in (1, 2, 3, 4):
        system.send(pid, number)
    await system.poison(pid)
    assert handled == [2, 1, 3, 4]


async def test_unstashing_outside_of_a_turn(system: ActorSystem, probe: Probe) -> None:
    contexts: list[Context] = []

    class Outside(Closed):
        def receive(self, context: Context) -> None:
            if isinstance(context.message, Started):
                contexts.append(context)
            super().receive(context)

    pid = system.spawn(Outside)
    probe.send(pid, "1")
    await asyncio.sleep(1.0)
    actor_context = contexts[0]
    actor_context.unstash_all()
    probe.send(pid, "open")
    assert await probe.expect(str) == "1!"


async def test_there_must_be_a_message_to_stash(system: ActorSystem) -> None:
    contexts: list[Context] = []
    system.spawn(Props.from_function(contexts.append))
    await asyncio.sleep(1.0)
    with pytest.raises(NotSent, match="no message to stash"):
        contexts[0].stash()
    with pytest.raises(NotSent, match="no message to forward"):
        contexts[0].forward(contexts[0].self)


async def test_stashing_a_system_stop_is_not_possible(system: ActorSystem) -> None:
    """System messages never reach the handler, so they cannot be set aside."""
    seen: list[object] = []

    def receive(context: Context) -> None:
        seen.append(context.message)

    pid = system.spawn(Props.from_function(receive))
    await system.stop(pid)
    assert not any(isinstance(message, Stop) for message in seen)


async def test_a_stashed_request_fails_with_its_handler(system: ActorSystem) -> None:
    pid = system.spawn(Closed)
    with pytest.raises(HandlerFailed):
        await system.request(pid, "fail")
