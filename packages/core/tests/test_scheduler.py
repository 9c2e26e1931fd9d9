"""Messages sent later, by the system or by an actor."""

import asyncio

import pytest

from protoactor import ActorSystem, Context, Props, Started
from protoactor_testkit import Probe, VirtualTimeLoop

pytestmark = pytest.mark.virtual_time


async def test_once(system: ActorSystem, probe: Probe) -> None:
    system.scheduler.send_once(2.0, probe.pid, "tick")
    assert await probe.expect(str) == "tick"
    assert system.loop.time() == 2.0
    await probe.expect_nothing(within=60.0)


async def test_repeatedly(system: ActorSystem, probe: Probe) -> None:
    timer = system.scheduler.send_repeatedly(0.0, 1.5, probe.pid, "tick")
    times: list[float] = []
    for _ in range(4):
        await probe.expect(str)
        times.append(system.loop.time())
    assert times == [0.0, 1.5, 3.0, 4.5]
    timer.cancel()
    timer.cancel()
    await probe.expect_nothing(within=60.0)


async def test_a_timer_that_is_due_can_still_be_cancelled(
    system: ActorSystem, probe: Probe
) -> None:
    loop = system.loop
    assert isinstance(loop, VirtualTimeLoop)
    timer = system.scheduler.send_once(2.0, probe.pid, "tick")
    loop.call_at(1.0, timer.cancel)
    loop.call_at(0.5, loop.advance, 10.0)  # now both are due, in their order
    await probe.expect_nothing(within=60.0)


async def test_a_stall_makes_no_burst(system: ActorSystem, probe: Probe) -> None:
    loop = system.loop
    assert isinstance(loop, VirtualTimeLoop)
    system.scheduler.send_repeatedly(1.0, 1.0, probe.pid, "tick")
    loop.call_at(1.5, loop.advance, 10.0)
    await asyncio.sleep(13.0)
    times = 0
    while True:
        try:
            await probe.expect(str, timeout=0.01)
        except AssertionError:
            break
        times += 1
    assert times == 3  # at 1.0, late at 11.5, and at 12.5


async def test_an_actors_timers_end_with_it(system: ActorSystem, probe: Probe) -> None:
    def receive(context: Context) -> None:
        if isinstance(context.message, Started):
            context.scheduler.send_repeatedly(1.0, 1.0, probe.pid, "tick")

    pid = system.spawn(Props.from_function(receive))
    await probe.expect(str)
    await system.stop(pid)
    await probe.expect_nothing(within=60.0)


async def test_an_actors_timers_end_with_its_incarnation(
    system: ActorSystem, probe: Probe
) -> None:
    made = 0

    def receive(context: Context) -> None:
        nonlocal made
        if isinstance(context.message, Started):
            made += 1
            context.scheduler.send_repeatedly(1.0, 1.0, probe.pid, made)
        if context.message == "fail":
            raise ValueError

    pid = system.spawn(Props.from_function(receive))
    assert await probe.expect(int) == 1
    system.send(pid, "fail")
    for _ in range(5):
        assert await probe.expect(int) == 2


async def test_requests_name_the_owner(system: ActorSystem, probe: Probe) -> None:
    got: list[object] = []

    def receive(context: Context) -> None:
        got.append(context.message)
        if isinstance(context.message, Started):
            context.scheduler.request_once(1.0, probe.pid, "question")
            context.scheduler.request_repeatedly(5.0, 1.0, probe.pid, "again")

    pid = system.spawn(Props.from_function(receive))
    await probe.expect(str)
    assert probe.sender == pid
    probe.reply("answer")
    assert await probe.expect(str, timeout=10.0) == "again"
    assert probe.sender == pid
    assert got == [Started(), "answer"]


@pytest.mark.parametrize(("delay", "interval"), [(-1.0, 1.0), (1.0, 0.0), (1.0, -1.0)])
async def test_times_must_be_positive(
    system: ActorSystem, probe: Probe, delay: float, interval: float
) -> None:
    with pytest.raises(ValueError, match="must be positive"):
        system.scheduler.send_repeatedly(delay, interval, probe.pid, "tick")
