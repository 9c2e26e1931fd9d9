"""Routers: who gets a message, and what is meant for the router itself."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable

import pytest

from protoactor import (
    PID,
    Actor,
    ActorSystem,
    AddRoutee,
    AdjustPoolSize,
    BroadcastGroup,
    BroadcastMessage,
    BroadcastPool,
    Context,
    DeadLetter,
    DeadLetterEvent,
    Expired,
    GetRoutees,
    Props,
    RandomGroup,
    RandomPool,
    RemoveRoutee,
    RequestTimeout,
    RoundRobinGroup,
    RoundRobinPool,
    Routees,
    TaskDispatcher,
    Touch,
    Touched,
)
from protoactor.routing import Pool, RoutingStrategy

TIMEOUT = 5.0
Log = list[tuple[str, object]]


class Worker(Actor):
    """Notes who handled what; answers `"who"` with its own id."""

    def __init__(self, log: Log | None = None) -> None:
        self._log = log

    def receive(self, context: Context) -> None:
        message = context.message
        if isinstance(message, str) and self._log is not None:
            self._log.append((context.self.id, message))
        if message == "who":
            context.respond(context.self.id)


@pytest.fixture(params=["pump", "tasks"])
async def system(request: pytest.FixtureRequest) -> AsyncIterator[ActorSystem]:
    """Routers behave alike, whoever runs the actors."""
    if request.param == "pump":
        async with ActorSystem() as system:
            yield system
    else:
        async with ActorSystem(dispatcher=TaskDispatcher) as system:
            yield system


async def handled(system: ActorSystem, *pids: PID) -> None:
    """Wait until these have handled what they were sent so far."""
    for pid in pids:
        assert isinstance(await system.request(pid, Touch()), Touched)


async def routees(system: ActorSystem, router: PID) -> tuple[PID, ...]:
    return (await system.request(router, GetRoutees(), timeout=TIMEOUT)).pids


async def test_round_robin_takes_the_routees_in_turn(system: ActorSystem) -> None:
    workers = [system.spawn(Worker) for _ in range(3)]
    router = system.spawn(RoundRobinGroup(workers))
    answers = [await system.request(router, "who") for _ in range(6)]
    assert answers == [pid.id for pid in workers] * 2


async def test_broadcast_sends_to_every_routee_in_order(system: ActorSystem) -> None:
    log: Log = []
    workers = [system.spawn(lambda: Worker(log)) for _ in range(3)]
    router = system.spawn(BroadcastGroup(workers))
    for message in ("one", "two"):
        system.send(router, message)
    await handled(system, *workers)
    for worker in workers:
        assert [m for id, m in log if id == worker.id] == ["one", "two"]


async def test_random_reaches_everybody_sooner_or_later(system: ActorSystem) -> None:
    workers = [system.spawn(Worker) for _ in range(3)]
    router = system.spawn(RandomGroup(workers))
    answers = Counter([await system.request(router, "who") for _ in range(200)])
    assert set(answers) == {pid.id for pid in workers}


@pytest.mark.parametrize("pool", [BroadcastPool, RandomPool, RoundRobinPool])
async def test_a_pool_routes_from_its_very_first_message(
    system: ActorSystem, pool: Callable[[int, type[Actor]], Props]
) -> None:
    router = system.spawn_named(pool(3, Worker), "pool")
    answer = system.request(router, "who", returns=str, timeout=TIMEOUT)
    assert (await answer).startswith("pool/")
    assert len(await routees(system, router)) == 3


async def test_messages_keep_their_sender_and_their_order(system: ActorSystem) -> None:
    """Routed in the turn of whoever sends: no mailbox in between can reorder."""
    log: Log = []
    worker = system.spawn(lambda: Worker(log))
    router = system.spawn(RoundRobinGroup([worker]))
    for number in range(100):
        system.send(router if number % 2 else worker, str(number))
    assert await system.request(router, "who") == worker.id
    assert [m for _, m in log] == [*map(str, range(100)), "who"]


async def test_routees_are_added_and_removed(system: ActorSystem) -> None:
    first, second = system.spawn(Worker), system.spawn(Worker)
    router = system.spawn(BroadcastGroup([first]))
    system.send(router, AddRoutee(second))
    system.send(router, AddRoutee(second))
    assert await system.request(router, GetRoutees()) == Routees((first, second))
    system.send(router, RemoveRoutee(first))
    assert await routees(system, router) == (second,)
    await handled(system, first)  # a group leaves alone what it removes


async def test_a_pool_poisons_the_routee_that_it_removes(system: ActorSystem) -> None:
    router = system.spawn(RoundRobinPool(2, Worker))
    removed, kept = await routees(system, router)
    system.send(router, RemoveRoutee(removed))
    assert await routees(system, router) == (kept,)
    with pytest.raises(DeadLetter):
        await system.request(removed, "who", timeout=TIMEOUT)


async def test_a_pool_grows_and_shrinks(system: ActorSystem) -> None:
    router = system.spawn(RoundRobinPool(2, Worker))
    before = await routees(system, router)
    system.send(router, AdjustPoolSize(+2))
    grown = await routees(system, router)
    assert grown[:2] == before
    assert len(grown) == 4
    system.send(router, AdjustPoolSize(-3))
    assert await routees(system, router) == before[:1]
    system.send(router, AdjustPoolSize(-3))
    assert await routees(system, router) == ()


async def test_a_group_has_no_size_to_adjust(system: ActorSystem) -> None:
    router = system.spawn(RoundRobinGroup([system.spawn(Worker)]))
    async with system.events.stream(DeadLetterEvent) as dead_letters:
        system.send(router, AdjustPoolSize(1))
        async with asyncio.timeout(TIMEOUT):
            assert (await anext(dead_letters)).message == AdjustPoolSize(1)
    assert len(await routees(system, router)) == 1


async def test_broadcast_message_reaches_all_whatever_the_router_does(
    system: ActorSystem,
) -> None:
    log: Log = []
    workers = [system.spawn(lambda: Worker(log)) for _ in range(3)]
    router = system.spawn(RoundRobinGroup(workers))
    reply = await system.request(router, BroadcastMessage("who"), timeout=TIMEOUT)
    await handled(system, *workers)
    assert sorted(log) == sorted((pid.id, "who") for pid in workers)
    assert reply in {pid.id for pid in workers}


async def test_a_broadcast_request_that_ran_is_never_called_withdrawn(
    system: ActorSystem,
) -> None:
    """Each routee has a copy: a timeout must not promise that none was handled."""
    log: Log = []
    router = system.spawn(BroadcastGroup([system.spawn(lambda: Worker(log))] * 1))
    system.send(router, AddRoutee(system.spawn(lambda: Worker(log))))
    await routees(system, router)
    with pytest.raises(RequestTimeout):
        await system.request(router, "no reply", timeout=0.05)
    assert [message for _, message in log] == ["no reply"] * 2


async def test_a_routed_request_can_still_be_withdrawn(system: ActorSystem) -> None:
    release = asyncio.Event()

    async def busy(context: Context) -> None:
        if isinstance(context.message, str):
            await release.wait()

    worker = system.spawn(Props.from_function(busy))
    router = system.spawn(RoundRobinGroup([worker]))
    system.send(worker, "keep busy")
    with pytest.raises(Expired):
        await system.request(router, "late", timeout=0.05)
    release.set()


@pytest.mark.parametrize("group", [BroadcastGroup, RandomGroup, RoundRobinGroup])
async def test_trap_38_without_routees_a_message_is_a_dead_letter(
    system: ActorSystem, group: Callable[[list[PID]], Props]
) -> None:
    router = system.spawn(group([]))
    system.send(router, "nobody")  # and nothing is raised here
    with pytest.raises(DeadLetter, match="no routees"):
        await system.request(router, "who", timeout=TIMEOUT)
    with pytest.raises(DeadLetter, match="no routees"):
        await system.request(router, BroadcastMessage("who"), timeout=TIMEOUT)
    assert system.dead_letters.counts["router has no routees"] == 3


async def test_routers_in_a_circle_end_in_a_dead_letter(system: ActorSystem) -> None:
    first, second = system.spawn(RoundRobinGroup([])), system.spawn(BroadcastGroup([]))
    system.send(first, AddRoutee(second))
    system.send(second, AddRoutee(first))
    await routees(system, first)
    await routees(system, second)
    with pytest.raises(DeadLetter, match="circle"):
        await system.request(first, "who", timeout=TIMEOUT)
    system.send(first, AddRoutee(system.spawn(Worker)))
    await routees(system, first)
    assert await system.request(first, "who", timeout=TIMEOUT)


async def test_routers_route_to_routers(system: ActorSystem) -> None:
    pools = [system.spawn(RoundRobinPool(2, Worker)) for _ in range(2)]
    router = system.spawn(RoundRobinGroup(pools))
    answers = [await system.request(router, "who") for _ in range(4)]
    assert len(set(answers)) == 4


class Failing:
    def pick(self, routees: tuple[PID, ...], message: object) -> tuple[PID, ...]:
        raise ZeroDivisionError


async def test_a_strategy_that_raises_costs_the_message(system: ActorSystem) -> None:
    strategy: Callable[[], RoutingStrategy] = Failing
    router = system.spawn(Pool(1, Worker, strategy))
    system.send(router, "x")
    with pytest.raises(DeadLetter, match="strategy failed"):
        await system.request(router, "who", timeout=TIMEOUT)


def test_a_pool_without_routees_is_refused_at_once() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        RoundRobinPool(0, Worker)
