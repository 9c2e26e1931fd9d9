"""Every drop is counted, published with a reason, and logged within limits."""

import asyncio
import logging

import pytest

from protoactor import (
    PID,
    ActorSystem,
    Context,
    DeadLetter,
    DeadLetterEvent,
    DeadLetterResponse,
    Envelope,
    IgnoreDeadLetterLogging,
    Props,
)
from protoactor_testkit import Probe

pytestmark = pytest.mark.virtual_time
NOBODY = PID("nonhost", "nobody")


@pytest.fixture
def dead(system: ActorSystem) -> list[DeadLetterEvent]:
    events: list[DeadLetterEvent] = []
    system.events.subscribe(events.append, DeadLetterEvent)
    return events


async def test_a_drop_is_counted_and_published(
    system: ActorSystem, dead: list[DeadLetterEvent]
) -> None:
    system.send(NOBODY, "hello", headers={"k": "v"})
    reason = "no such actor"
    assert dead == [DeadLetterEvent(NOBODY, "hello", None, {"k": "v"}, reason)]
    assert system.dead_letters.counts == {reason: 1}


async def test_the_sender_is_told(system: ActorSystem, probe: Probe) -> None:
    probe.send(NOBODY, "hello")
    response = await probe.expect(DeadLetterResponse)
    assert response.target == NOBODY


async def test_a_reply_to_nobody_is_a_dead_letter(
    system: ActorSystem, dead: list[DeadLetterEvent]
) -> None:
    def receive(context: Context) -> None:
        if context.message == "hello":
            context.respond("who asked?")

    system.send(system.spawn(Props.from_function(receive)), "hello")
    await asyncio.sleep(1.0)
    [event] = dead
    assert (event.target, event.message) == (None, "who asked?")


async def test_trap_24_the_dead_do_not_answer_each_other(
    system: ActorSystem, dead: list[DeadLetterEvent]
) -> None:
    another = PID(system.address, "another nobody")
    system.send(NOBODY, "hello", sender=another)
    await asyncio.sleep(1.0)
    first, answer = dead
    assert (first.target, first.message) == (NOBODY, "hello")
    assert answer.target == another
    assert isinstance(answer.message, DeadLetterResponse)


async def test_trap_24_an_answer_of_the_dead_is_not_answered(
    system: ActorSystem, probe: Probe
) -> None:
    """Not even one that somebody sent on, with a sender of its own."""
    system.deliver(NOBODY, Envelope(DeadLetterResponse(NOBODY), probe.pid))
    await probe.expect_nothing()


async def test_trap_24_a_subscriber_that_sends_to_the_dead(
    system: ActorSystem, dead: list[DeadLetterEvent]
) -> None:
    def report_to_nobody(event: DeadLetterEvent) -> None:
        system.send(NOBODY, f"about {event.message}")

    system.events.subscribe(report_to_nobody, DeadLetterEvent)
    system.send(NOBODY, "hello")
    await asyncio.sleep(1.0)
    assert [event.message for event in dead] == ["hello"]
    assert system.dead_letters.counts.total() == 2


async def test_other_subscribers_may_cause_dead_letters(
    system: ActorSystem, dead: list[DeadLetterEvent]
) -> None:
    system.events.subscribe(lambda text: system.send(NOBODY, text), str)
    system.events.publish("news")
    assert [event.message for event in dead] == ["news"]


class Unimportant(IgnoreDeadLetterLogging):
    pass


async def test_trap_25_logging_is_limited(
    system: ActorSystem, caplog: pytest.LogCaptureFixture
) -> None:
    """Three lines per second and one that sums up the rest."""
    caplog.set_level(logging.INFO, "protoactor.dead_letter")
    for _ in range(1000):
        system.send(NOBODY, "hello")
    assert len(caplog.records) == 3
    await asyncio.sleep(5.0)
    assert len(caplog.records) == 4
    assert caplog.records[-1].args == (997,)
    system.send(NOBODY, "hello")
    assert len(caplog.records) == 5
    assert system.dead_letters.counts.total() == 1001


async def test_unimportant_messages_are_counted_but_not_logged(
    system: ActorSystem,
    caplog: pytest.LogCaptureFixture,
    dead: list[DeadLetterEvent],
) -> None:
    caplog.set_level(logging.INFO, "protoactor.dead_letter")
    system.send(NOBODY, Unimportant())
    assert len(dead) == 1
    assert not caplog.records


async def test_an_envelope_reaches_the_dead_letters_whole(
    system: ActorSystem, dead: list[DeadLetterEvent], probe: Probe
) -> None:
    system.deliver(NOBODY, Envelope("hello", probe.pid, {"k": "v"}))
    assert dead[0].sender == probe.pid
    assert dead[0].headers == {"k": "v"}


async def test_an_answer_that_nobody_asked_for(
    system: ActorSystem, dead: list[DeadLetterEvent]
) -> None:
    def receive(context: Context) -> None:
        if context.message == "hello":
            context.respond("to whom?")

    pid = system.spawn(Props.from_function(receive))
    system.send(pid, "hello")
    await system.poison(pid)
    assert [(event.target, event.message, event.reason) for event in dead] == [
        (None, "to whom?", "no sender to respond to")
    ]


async def test_requests_end_at_once(system: ActorSystem) -> None:
    with pytest.raises(DeadLetter, match="no such actor"):
        await system.request(NOBODY, "hello", timeout=60.0)
    assert system.loop.time() == 0.0
