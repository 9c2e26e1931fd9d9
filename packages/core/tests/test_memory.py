"""Idle actors are small, and systems that come and go leave nothing behind."""

import asyncio
import gc
import json
import os
import subprocess
import sys
import threading
from collections import Counter
from pathlib import Path

import pytest

from protoactor import (
    PID,
    Actor,
    ActorSystem,
    BlockingContext,
    Context,
    OneForOne,
    Props,
    PumpDispatcher,
    TaskDispatcher,
    blocking,
)

IDLE_ACTORS = """
import asyncio, gc, json, os, sys
from protoactor import Actor, ActorSystem

class Idle(Actor):
    def receive(self, context):
        pass

def resident():
    with open("/proc/self/statm") as statm:
        return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")

async def main(count):
    async with ActorSystem(stall_warning=None) as system:
        gc.collect()
        before = resident()
        last = None
        for _ in range(count):
            last = system.spawn(Idle)
        while system.registry.local(last.id).scheduled:
            await asyncio.sleep(0)
        gc.collect()
        print(json.dumps({"before": before, "after": resident()}), flush=True)
        os._exit(0)  # stopping them is another matter

asyncio.run(main(int(sys.argv[1])))
"""

needs_proc = pytest.mark.skipif(
    not Path("/proc/self/statm").exists(), reason="memory is read from /proc"
)


def memory_of(actors: int) -> dict[str, int]:
    """Resident bytes of a process before and after it spawned idle actors."""
    command = [sys.executable, "-c", IDLE_ACTORS, str(actors)]
    done = subprocess.run(command, check=True, capture_output=True, timeout=600)
    measured: dict[str, int] = json.loads(done.stdout)
    return measured


@needs_proc
def test_an_idle_actor_takes_a_kilobyte_at_most() -> None:
    measured = memory_of(100_000)
    assert (measured["after"] - measured["before"]) / 100_000 <= 1000


@pytest.mark.long
@needs_proc
def test_a_million_idle_actors_fit_in_two_gibibytes() -> None:
    assert memory_of(1_000_000)["after"] < 2 * 1024**3


class Thorough(Actor):
    """Uses what an actor can use, and fails once."""

    def __init__(self) -> None:
        self.failed = False

    async def receive(self, context: Context) -> None:
        match context.message:
            case PID():
                context.watch(context.message)
                context.set_receive_timeout(60.0)
                context.scheduler.send_once(60.0, context.self, "later")
                context.spawn(Blocks)
                context.reenter_after(asyncio.sleep(60.0), lambda _: None)
            case "work":
                await asyncio.sleep(0)
                context.stash()
            case "fail":
                raise ValueError
            case "ping":
                context.respond("pong")
            case _:
                pass


class Blocks(Actor):
    @blocking
    def receive(self, context: BlockingContext) -> None:
        pass


async def one_life(dispatcher: type[PumpDispatcher] | type[TaskDispatcher]) -> None:
    """A system that has done a bit of everything."""
    async with ActorSystem(dispatcher=dispatcher) as system:
        pids = [system.spawn(Thorough) for _ in range(5)]
        guarded = system.spawn(Props(Thorough, guardian=OneForOne()))
        for pid in (*pids, guarded):
            system.send(pid, pids[0])
            system.send(pid, "work")
            system.send(pid, "fail")
        assert await system.request(guarded, "ping") == "pong"
        await system.stop(pids[1])
        system.send(pids[1], "to the dead")
        with pytest.raises(TimeoutError):
            await system.request(pids[2], "no answer", timeout=0.001)


def left_over() -> dict[str, int]:
    """What a process holds that a leak would make grow."""
    for thread in threading.enumerate():
        if thread.name.startswith("protoactor"):
            thread.join(10.0)  # idle threads of a pool end by themselves
    gc.collect()
    # some libraries' classes have a descriptor there
    kinds = Counter(str(type(thing).__module__) for thing in gc.get_objects())
    return {
        "tasks": len(asyncio.all_tasks()),
        "threads": threading.active_count(),
        "files": len(os.listdir("/proc/self/fd")),
        "ours": sum(n for name, n in kinds.items() if name.startswith("protoactor")),
    }


@needs_proc
async def test_200_systems_leave_nothing_behind(
    dispatcher: type[PumpDispatcher] | type[TaskDispatcher],
) -> None:
    for _ in range(3):
        await one_life(dispatcher)
    before, objects = left_over(), len(gc.get_objects())
    for _ in range(200):
        await one_life(dispatcher)
    after = left_over()
    assert after == before
    assert len(gc.get_objects()) - objects < 200  # less than one per life


async def test_actors_that_come_and_go_leave_nothing_behind(
    system: ActorSystem,
) -> None:
    async def generation() -> None:
        pids = [system.spawn(Thorough) for _ in range(100)]
        for pid in pids:
            system.send(pid, pids[0])
            system.send(pid, "work")
        await asyncio.gather(*map(system.stop, pids))

    for _ in range(2):
        await generation()
    before, processes = left_over(), len(system.registry)
    for _ in range(5):
        await generation()
    after = left_over()
    assert len(system.registry) == processes
    assert after["ours"] <= before["ours"] + 5
    assert after["tasks"] <= before["tasks"] + 5
