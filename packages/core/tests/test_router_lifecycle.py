"""Routers and their routees: how they start, fail and end."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from protoactor import (
    PID,
    Actor,
    ActorSystem,
    AllForOne,
    BroadcastGroup,
    BroadcastPool,
    Context,
    DeadLetter,
    Directive,
    GetRoutees,
    NameTaken,
    OneForOne,
    Props,
    RoundRobinGroup,
    RoundRobinPool,
    Started,
    Terminated,
    TerminatedReason,
)

TIMEOUT = 5.0


class Worker(Actor):
    def receive(self, context: Context) -> None:
        match context.message:
            case "fail":
                raise RuntimeError("asked to")
            case "who":
                context.respond(context.self.id)
            case _:
                pass


class Watcher(Actor):
    """Puts the `Terminated` of what it watches into a queue."""

    def __init__(self, watched: PID, queue: asyncio.Queue[Terminated]) -> None:
        self._watched = watched
        self._queue = queue

    def receive(self, context: Context) -> None:
        match context.message:
            case Started():
                context.watch(self._watched)
            case Terminated():
                self._queue.put_nowait(context.message)
            case _:
                pass


class Parent(Actor):
    """Spawns a router as its child; answers `"child"` with its PID."""

    def __init__(self, props: Props, queue: asyncio.Queue[Terminated]) -> None:
        self._props = props
        self._queue = queue

    def receive(self, context: Context) -> None:
        match context.message:
            case "child":
                context.respond(context.spawn_named(self._props, "router"))
            case "children":
                context.respond(context.children)
            case Terminated():
                self._queue.put_nowait(context.message)
            case _:
                pass


async def routees(system: ActorSystem, router: PID) -> tuple[PID, ...]:
    return (await system.request(router, GetRoutees(), timeout=TIMEOUT)).pids


async def eventually(holds: Callable[[], Awaitable[bool]]) -> None:
    """Look again and again: what it waits for ends with no event of its own."""
    async with asyncio.timeout(TIMEOUT):
        while not await holds():  # noqa: ASYNC110 - there is no event
            await asyncio.sleep(0)


async def until_forgotten(system: ActorSystem, router: PID, left: int) -> None:
    async def forgotten() -> bool:
        return len(await routees(system, router)) == left

    await eventually(forgotten)


async def test_a_group_forgets_a_routee_that_stopped() -> None:
    async with ActorSystem() as system:
        first, second = system.spawn(Worker), system.spawn(Worker)
        router = system.spawn(RoundRobinGroup([first, second]))
        await system.stop(first)
        await until_forgotten(system, router, 1)
        answers = [await system.request(router, "who") for _ in range(3)]
        assert answers == [second.id] * 3


async def test_a_group_forgets_a_routee_that_never_lived() -> None:
    async with ActorSystem() as system:
        nobody = system.registry.pid("nobody")
        router = system.spawn(RoundRobinGroup([nobody]))
        await until_forgotten(system, router, 0)


async def test_a_pool_forgets_a_routee_that_stopped_and_does_not_replace_it() -> None:
    async with ActorSystem() as system:
        router = system.spawn(RoundRobinPool(3, Worker))
        await system.stop((await routees(system, router))[1])
        await until_forgotten(system, router, 2)
        answers = {await system.request(router, "who") for _ in range(4)}
        assert answers == {pid.id for pid in await routees(system, router)}


async def test_a_routee_is_forgotten_under_its_new_address_too() -> None:
    """Remoting gives a system its address; routees may be older than that."""
    async with ActorSystem() as system:
        worker = system.spawn(Worker)
        group = system.spawn(RoundRobinGroup([worker]))
        pool = system.spawn(RoundRobinPool(1, Worker))
        pooled = (await routees(system, pool))[0]
        system.registry.address = "127.0.0.1:8090"
        await system.stop(worker)
        await system.stop(pooled)
        await until_forgotten(system, group, 0)
        await until_forgotten(system, pool, 0)


async def test_stopping_a_pool_stops_its_routees() -> None:
    async with ActorSystem() as system:
        router = system.spawn(BroadcastPool(3, Worker))
        pids = await routees(system, router)
        await asyncio.wait_for(system.stop(router), TIMEOUT)
        for pid in (router, *pids):
            with pytest.raises(DeadLetter):
                await system.request(pid, "who", timeout=TIMEOUT)


@pytest.mark.parametrize("end", ["stop", "poison"])
async def test_the_end_of_a_group_leaves_its_routees_alone(end: str) -> None:
    async with ActorSystem() as system:
        worker = system.spawn(Worker)
        router = system.spawn(BroadcastGroup([worker]))
        gone = system.stop(router) if end == "stop" else system.poison(router)
        await asyncio.wait_for(gone, TIMEOUT)
        assert await system.request(worker, "who") == worker.id


async def test_a_poisoned_pool_lets_its_routees_finish() -> None:
    handled: list[int] = []

    async def slow(context: Context) -> None:
        if isinstance(context.message, int):
            await asyncio.sleep(0)
            handled.append(context.message)

    async with ActorSystem() as system:
        router = system.spawn(RoundRobinPool(3, Props.from_function(slow)))
        for number in range(30):
            system.send(router, number)
        await asyncio.wait_for(system.poison(router), TIMEOUT)
        assert sorted(handled) == list(range(30))
        assert len(system.registry) == 1  # what receives replies


async def test_a_poisoned_pool_whose_routees_are_gone_just_stops() -> None:
    async with ActorSystem() as system:
        router = system.spawn(RoundRobinPool(1, Worker))
        await system.stop((await routees(system, router))[0])
        await asyncio.wait_for(system.poison(router), TIMEOUT)


@pytest.mark.parametrize("end", ["stop", "poison"])
async def test_whoever_watches_a_router_hears_once_that_it_ended(end: str) -> None:
    heard: asyncio.Queue[Terminated] = asyncio.Queue()
    async with ActorSystem() as system:
        router = system.spawn(RoundRobinPool(2, Worker))
        watcher = system.spawn(lambda: Watcher(router, heard))
        await routees(system, router)
        await (system.stop(router) if end == "stop" else system.poison(router))
        assert await asyncio.wait_for(heard.get(), TIMEOUT) == Terminated(router)
        await asyncio.wait_for(system.poison(watcher), TIMEOUT)
    assert heard.empty()


async def test_watching_a_router_that_is_gone() -> None:
    heard: asyncio.Queue[Terminated] = asyncio.Queue()
    async with ActorSystem() as system:
        router = system.spawn(RoundRobinPool(2, Worker))
        await system.stop(router)
        system.spawn(lambda: Watcher(router, heard))
        gone = await asyncio.wait_for(heard.get(), TIMEOUT)
        assert gone == Terminated(router, TerminatedReason.NOT_FOUND)


async def test_a_router_is_a_child_like_any_other() -> None:
    heard: asyncio.Queue[Terminated] = asyncio.Queue()
    async with ActorSystem() as system:
        parent = system.spawn_named(
            lambda: Parent(RoundRobinPool(2, Worker), heard), "parent"
        )
        router = await system.request(parent, "child", returns=PID)
        assert router.id == "parent/router"
        assert await system.request(parent, "children") == (router,)
        with pytest.raises(NameTaken):
            system.spawn_named(RoundRobinPool(1, Worker), "parent/router")
        await system.stop(router)
        assert await asyncio.wait_for(heard.get(), TIMEOUT) == Terminated(router)
        assert await system.request(parent, "children") == ()


async def test_the_end_of_a_parent_ends_its_router() -> None:
    async with ActorSystem() as system:
        parent = system.spawn(
            lambda: Parent(RoundRobinPool(2, Worker), asyncio.Queue())
        )
        await system.request(parent, "child")
        await asyncio.wait_for(system.stop(parent), TIMEOUT)
        assert len(system.registry) == 1


async def test_the_end_of_the_system_ends_its_routers() -> None:
    stopped: list[str] = []

    class Ending(Worker):
        def dispose(self) -> None:
            stopped.append("routee")

    async with ActorSystem() as system:
        system.spawn(RoundRobinPool(2, Ending))
    assert stopped == ["routee"] * 2


async def test_a_failing_routee_is_restarted_and_stays_a_routee() -> None:
    async with ActorSystem() as system:
        router = system.spawn(RoundRobinPool(1, Worker))
        system.send(router, "fail")
        answer = await system.request(router, "who", timeout=TIMEOUT)
        assert (await routees(system, router))[0].id == answer


async def test_the_supervisor_of_a_pool_decides_about_its_routees() -> None:
    async with ActorSystem() as system:
        stop = OneForOne(decide=lambda _: Directive.STOP)
        router = system.spawn(replace(RoundRobinPool(2, Worker), supervisor=stop))
        system.send(router, "fail")
        await until_forgotten(system, router, 1)


async def test_a_pool_that_is_restarted_has_new_routees() -> None:
    async with ActorSystem() as system:
        escalate = OneForOne(decide=lambda _: Directive.ESCALATE)
        props = replace(
            RoundRobinPool(2, Worker), supervisor=escalate, guardian=AllForOne()
        )
        router = system.spawn(props)
        before = await routees(system, router)
        system.send(router, "fail")

        async def renewed() -> bool:
            return not set(before) & set(await routees(system, router))

        await eventually(renewed)
        after = await routees(system, router)
        assert len(after) == 2
        assert await system.request(router, "who") == after[0].id


async def test_a_pool_whose_routee_cannot_be_made_does_not_stay() -> None:
    made: list[Worker] = []

    def second_fails() -> Worker:
        if made:
            raise RuntimeError("no more")
        made.append(Worker())
        return made[0]

    async with ActorSystem() as system:
        with pytest.raises(RuntimeError, match="no more"):
            system.spawn_named(RoundRobinPool(2, second_fails), "pool")
        with pytest.raises(DeadLetter):
            await system.request(system.registry.pid("pool"), "who", timeout=TIMEOUT)

        async def nothing_left() -> bool:
            return len(system.registry) == 1

        await eventually(nothing_left)
