"""A handler that keeps the loop from running is found out; this needs real time."""

import asyncio
import time

from protoactor import ActorSystem, Context, LoopStalled, Props


def nap(context: Context) -> None:
    """Blocks the loop, which handlers must not do."""
    if isinstance(context.message, float):
        time.sleep(context.message)


async def test_a_stall_is_reported_with_actor_message_and_stack(
    dispatcher: type,
) -> None:
    async with ActorSystem(stall_warning=0.1, dispatcher=dispatcher) as system:
        pid = system.spawn(Props.from_function(nap))
        system.send(pid, 0.5)
        stall = await system.events.first(LoopStalled)
    assert stall.actor == pid
    assert stall.message_type == "float"
    assert "in nap" in stall.stack
    assert 0.1 <= stall.seconds < 0.5


async def test_stalls_are_counted(dispatcher: type) -> None:
    async with ActorSystem(stall_warning=0.1, dispatcher=dispatcher) as system:
        asyncio.get_running_loop().call_soon(time.sleep, 0.3)
        async with asyncio.timeout(10.0):
            while not system.statistics.stalls:  # noqa: ASYNC110 (a thread tells)
                await asyncio.sleep(0.01)
        assert system.statistics.stalled_seconds >= 0.3


async def test_a_stall_outside_of_actors_is_reported_too(dispatcher: type) -> None:
    async with ActorSystem(stall_warning=0.1, dispatcher=dispatcher) as system:
        await asyncio.sleep(0)
        asyncio.get_running_loop().call_soon(time.sleep, 0.5)
        stall = await system.events.first(LoopStalled)
    assert stall.actor is None
    assert stall.message_type == ""


async def test_one_stall_is_reported_once(dispatcher: type) -> None:
    stalls: list[LoopStalled] = []
    async with ActorSystem(stall_warning=0.05, dispatcher=dispatcher) as system:
        system.events.subscribe(stalls.append, LoopStalled)
        system.send(system.spawn(Props.from_function(nap)), 0.6)
        await asyncio.sleep(0.7)
    assert len(stalls) == 1


async def test_a_loop_that_runs_is_not_reported(dispatcher: type) -> None:
    stalls: list[LoopStalled] = []
    async with ActorSystem(stall_warning=5.0, dispatcher=dispatcher) as system:
        system.events.subscribe(stalls.append, LoopStalled)
        pid = system.spawn(Props.from_function(nap))
        for _ in range(20):
            system.send(pid, 0.005)
            await asyncio.sleep(0.01)
    assert stalls == []
