"""Watching: exactly one `Terminated`, whenever the watch began."""

import asyncio

import pytest

from protoactor import (
    PID,
    Actor,
    ActorSystem,
    Context,
    DeadLetterEvent,
    Props,
    Started,
    Stopping,
    Terminated,
    TerminatedReason,
)
from protoactor.spi import Stop, Watch
from protoactor_testkit import Probe

pytestmark = pytest.mark.virtual_time


class Quiet(Actor):
    def receive(self, context: Context) -> None:
        pass


class SlowStop(Actor):
    async def receive(self, context: Context) -> None:
        if isinstance(context.message, Stopping):
            await asyncio.sleep(1.0)


async def test_trap_19_watching_a_dead_pid(system: ActorSystem, probe: Probe) -> None:
    pid = system.spawn(Quiet)
    await system.stop(pid)
    probe.watch(pid)
    gone = await probe.expect(Terminated)
    assert gone == Terminated(pid, TerminatedReason.NOT_FOUND)


async def test_trap_19_watching_a_stopping_actor(
    system: ActorSystem, probe: Probe
) -> None:
    pid = system.spawn(SlowStop)
    system.stop(pid)
    await asyncio.sleep(0.5)
    probe.watch(pid)
    probe.watch(pid)
    gone = await probe.expect(Terminated)
    assert gone == Terminated(pid, TerminatedReason.STOPPED)
    await probe.expect_nothing()


async def test_trap_19_a_watch_right_behind_the_stop(
    system: ActorSystem, probe: Probe
) -> None:
    pid = system.spawn(Quiet)
    await asyncio.sleep(1.0)
    system.post_system(pid, Stop())
    system.post_system(pid, Watch(probe.pid))
    gone = await probe.expect(Terminated)
    assert gone == Terminated(pid, TerminatedReason.STOPPED)


async def test_trap_19_unwatched_in_time_nothing_comes(
    system: ActorSystem, probe: Probe
) -> None:
    pid = system.spawn(Quiet)
    probe.watch(pid)
    probe.unwatch(pid)
    await system.stop(pid)
    await probe.expect_nothing()


async def test_trap_20_an_old_pid_reaches_the_new_actor_of_the_name(
    system: ActorSystem,
) -> None:
    def echo(context: Context) -> None:
        if isinstance(context.message, str):
            context.respond(context.message)

    old = system.spawn_named(Props.from_function(echo), "echo")
    assert await system.request(old, "first") == "first"
    await system.stop(old)
    new = system.spawn_named(Props.from_function(echo), "echo")
    assert new == old
    assert await system.request(old, "second") == "second"


async def test_watching_twice_is_heard_once(system: ActorSystem, probe: Probe) -> None:
    pid = system.spawn(Quiet)
    probe.watch(pid)
    probe.watch(pid)
    await system.stop(pid)
    await probe.expect(Terminated)
    await probe.expect_nothing()


async def test_a_restart_is_not_an_end(system: ActorSystem, probe: Probe) -> None:
    def receive(context: Context) -> None:
        if context.message == "fail":
            raise ValueError

    pid = system.spawn(Props.from_function(receive))
    probe.watch(pid)
    system.send(pid, "fail")
    await probe.expect_nothing()
    await system.stop(pid)
    assert await probe.expect(Terminated) == Terminated(pid)


async def test_a_watcher_survives_its_own_restart(
    system: ActorSystem, probe: Probe
) -> None:
    watched = system.spawn(Quiet)

    def receive(context: Context) -> None:
        match context.message:
            case "watch":
                context.watch(watched)
            case "fail":
                raise ValueError
            case Terminated():
                context.send(probe.pid, context.message)
            case _:
                pass

    watcher = system.spawn(Props.from_function(receive))
    system.send(watcher, "watch")
    system.send(watcher, "fail")
    await asyncio.sleep(1.0)
    await system.stop(watched)
    assert await probe.expect(Terminated) == Terminated(watched)


async def test_watchers_that_are_gone_are_forgotten(system: ActorSystem) -> None:
    """A service that many short-lived actors watch does not grow with them."""
    dead: list[DeadLetterEvent] = []
    system.events.subscribe(dead.append, DeadLetterEvent)
    service = system.spawn(Quiet)

    def watch(context: Context) -> None:
        if isinstance(context.message, Started):
            context.watch(service)

    watchers = [system.spawn(Props.from_function(watch)) for _ in range(100)]
    await asyncio.gather(*map(system.stop, watchers))
    await system.stop(service)
    assert dead == []  # a `Terminated` to one of them would have been one


async def test_actors_may_watch_each_other(system: ActorSystem) -> None:
    heard: list[PID] = []

    def receive(context: Context) -> None:
        match context.message:
            case PID():
                context.watch(context.message)
            case Terminated(who):
                heard.append(who)
                context.stop(context.self)
            case _:
                pass

    a, b = (system.spawn(Props.from_function(receive)) for _ in range(2))
    system.send(a, b)
    system.send(b, a)
    await asyncio.sleep(1.0)
    await system.stop(a)
    await asyncio.sleep(1.0)
    assert heard == [a]
    assert system.registry.local(b.id) is None


async def test_watching_oneself_is_harmless(system: ActorSystem) -> None:
    def receive(context: Context) -> None:
        if isinstance(context.message, Started):
            context.watch(context.self)

    pid = system.spawn(Props.from_function(receive))
    async with asyncio.timeout(60.0):
        await system.stop(pid)
