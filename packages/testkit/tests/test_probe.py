"""Probes: what they expect, what they refuse, whom they answer."""

import asyncio

import pytest

from protoactor import ActorSystem, Context, Props, Started, Terminated
from protoactor_testkit import Probe

pytestmark = pytest.mark.virtual_time


def echo(context: Context) -> None:
    if isinstance(context.message, str):
        context.respond(f"{context.message}!", headers=context.headers)


async def test_messages_are_expected_in_order(
    system: ActorSystem, probe: Probe
) -> None:
    for message in (1, "two", 3.0):
        system.send(probe.pid, message)
    assert await probe.expect(int) == 1
    assert await probe.expect(str, where=lambda text: text == "two") == "two"
    assert await probe.expect(float) == 3.0


async def test_the_next_message_must_have_the_type(
    system: ActorSystem, probe: Probe
) -> None:
    system.send(probe.pid, 1)
    system.send(probe.pid, "two")
    with pytest.raises(AssertionError, match="expected a str, got 1"):
        await probe.expect(str)


async def test_the_next_message_must_fit(system: ActorSystem, probe: Probe) -> None:
    system.send(probe.pid, 1)
    with pytest.raises(AssertionError, match="fits `where`, got 1"):
        await probe.expect(int, where=lambda number: number > 1)


async def test_silence_is_an_error_after_the_timeout(
    system: ActorSystem, probe: Probe
) -> None:
    with pytest.raises(AssertionError, match=r"a str within 2\.5 s, nothing came"):
        await probe.expect(str, timeout=2.5)
    assert system.loop.time() == 2.5


async def test_expecting_nothing(system: ActorSystem, probe: Probe) -> None:
    await probe.expect_nothing(within=10.0)
    assert system.loop.time() == 10.0
    system.scheduler.send_once(1.0, probe.pid, "late")
    with pytest.raises(AssertionError, match="expected nothing, got 'late'"):
        await probe.expect_nothing(within=2.0)


async def test_sends_with_itself_as_sender(system: ActorSystem, probe: Probe) -> None:
    echoer = system.spawn(Props.from_function(echo))
    probe.send(echoer, "hello", headers={"k": "v"})
    assert await probe.expect(str) == "hello!"
    assert probe.headers == {"k": "v"}


async def test_replies_to_the_last_message(system: ActorSystem, probe: Probe) -> None:
    request = asyncio.create_task(system.request(probe.pid, "question", timeout=1.0))
    assert await probe.expect(str) == "question"
    probe.reply("answer")
    assert await request == "answer"


async def test_there_is_no_reply_without_a_sender(
    system: ActorSystem, probe: Probe
) -> None:
    with pytest.raises(AssertionError, match="no sender"):
        probe.reply("to nobody")
    system.send(probe.pid, 1)
    await probe.expect(int)
    assert probe.sender is None
    with pytest.raises(AssertionError, match="no sender"):
        probe.reply("to nobody")


async def test_watches(system: ActorSystem, probe: Probe) -> None:
    watched, unwatched = (system.spawn(Props.from_function(echo)) for _ in range(2))
    probe.watch(watched)
    probe.watch(unwatched)
    probe.unwatch(unwatched)
    system.stop(unwatched)
    system.stop(watched)
    assert (await probe.expect(Terminated)).who == watched
    await probe.expect_nothing()


async def test_several_probes(system: ActorSystem, probe: Probe) -> None:
    other = Probe(system)
    assert other.pid != probe.pid
    probe.send(other.pid, "hi")
    assert await other.expect(str) == "hi"
    assert other.sender == probe.pid


async def test_lifecycle_messages_are_not_recorded(probe: Probe) -> None:
    with pytest.raises(AssertionError, match="nothing came"):
        await probe.expect(Started)
