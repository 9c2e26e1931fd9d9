"""A member leaves: nobody who calls shall notice."""

from __future__ import annotations

import asyncio
import logging

import pytest

from protoactor import ActorError, NotDelivered, OutcomeUnknown
from protoactor_cluster import Grain, TopologyChanged
from protoactor_testkit import Members


class Worker(Grain):
    """Takes as long as it is told, and notes what happened to it."""

    history: list[str]

    def __init__(self) -> None:
        self._jobs = 0

    async def on_activate(self) -> None:
        type(self).history.append(f"start {self.identity.name}")

    async def on_deactivate(self) -> None:
        type(self).history.append(f"stop {self.identity.name}")

    async def work(self, seconds: float) -> int:
        self._jobs += 1
        await asyncio.sleep(seconds)
        return self._jobs

    async def where(self) -> str:
        return self.cluster.member_id


@pytest.fixture(autouse=True)
def history() -> list[str]:
    Worker.history = []
    return Worker.history


async def test_an_activation_ends_before_it_begins_elsewhere(
    members: Members, history: list[str]
) -> None:
    await members.start(3, kinds=[Worker])
    client = await members.connect()
    worker = client.grain(Worker, "x")
    await worker.work(0.0)
    await members.leave(members.host_of(Worker, "x"))
    assert await worker.work(0.0) == 1
    assert history == ["start x", "stop x", "start x"]


async def test_a_handler_that_runs_answers_its_caller(members: Members) -> None:
    await members.start(3, kinds=[Worker])
    client = await members.connect()
    await client.grain(Worker, "x").work(0.0)
    host = members.host_of(Worker, "x")
    calls = [
        asyncio.create_task(client.grain(Worker, "x", timeout=30.0).work(3.0))
        for _ in range(3)
    ]
    await asyncio.sleep(0.5)
    await members.leave(host)
    assert await asyncio.gather(*calls) == [2, 3, 4]
    assert await client.grain(Worker, "x").work(0.0) == 1


async def test_calls_go_on_while_a_member_drains(members: Members) -> None:
    await members.start(3, kinds=[Worker])
    client = await members.connect()
    slow = asyncio.create_task(client.grain(Worker, "slow", timeout=30.0).work(6.0))
    await asyncio.sleep(0.1)
    host = members.host_of(Worker, "slow")
    names = [str(number) for number in range(60)]
    for name in names:
        await client.grain(Worker, name).work(0.0)
    loop = asyncio.get_running_loop()
    leaving = asyncio.create_task(members.leave(host))
    await asyncio.sleep(0.1)
    assert not host.ready
    assert not leaving.done()
    before = loop.time()
    homes = [await client.grain(Worker, name).where() for name in names]
    assert host.member_id not in homes
    assert loop.time() - before < 3.0
    assert await slow == 1
    await leaving


async def test_a_leaving_member_answers_for_what_it_owns(members: Members) -> None:
    a, b, _ = await members.start(3, kinds=[Worker])
    client = await members.connect()
    calls = [
        asyncio.create_task(client.grain(Worker, f"slow-{n}", timeout=30.0).work(4.0))
        for n in range(6)
    ]
    await asyncio.sleep(0.1)
    leaving = asyncio.create_task(members.leave(b))
    await asyncio.sleep(0.1)
    loop = asyncio.get_running_loop()
    for number in range(60):
        before = loop.time()
        await a.grain(Worker, f"new-{number}").work(0.0)
        assert loop.time() - before < 0.1
    await asyncio.gather(leaving, *calls)


async def test_a_handler_beyond_the_drain_timeout_is_cut_off(members: Members) -> None:
    a, _, _ = await members.start(3, kinds=[Worker], drain_timeout=2.0)
    client = await members.connect()
    call = asyncio.create_task(client.grain(Worker, "x", timeout=60.0).work(50.0))
    await asyncio.sleep(0.1)
    host = members.host_of(Worker, "x")
    loop = asyncio.get_running_loop()
    before = loop.time()
    await members.leave(host)
    assert loop.time() - before < 20.0
    with pytest.raises(OutcomeUnknown):
        await call
    assert loop.time() - before < 20.0
    assert a.ready or a is host


async def test_trap_08_everybody_hears_of_it_at_once(members: Members) -> None:
    a, b, c = await members.start(3, kinds=[Worker])
    client = await members.connect()
    for number in range(20):
        await client.grain(Worker, str(number)).work(0.0)
    for viewer in (a.member_id, c.member_id, "client-4"):
        members.service.delay(viewer, 30.0)
    left = b.member_id
    await members.leave(b)
    for cluster in (a, c, client):
        assert left not in cluster.topology
    for number in range(20):
        await client.grain(Worker, str(number), retries=1).work(0.0)


async def test_trap_08_a_block_that_raises_deregisters_too(members: Members) -> None:
    a, b = await members.start(2, kinds=[Worker])
    changes: list[TopologyChanged] = []
    a.system.events.subscribe(changes.append, TopologyChanged)
    await members.leave(b)
    assert [len(change.current) for change in changes] == [1]
    assert [member.id for member in members.service.members(members.name)] == [
        a.member_id
    ]


async def test_trap_15_when_all_have_left_calls_end_and_a_comeback_is_found(
    members: Members,
) -> None:
    (alone,) = await members.start(1, kinds=[Worker])
    client = await members.connect()
    assert await client.grain(Worker, "x").work(0.0) == 1
    await members.leave(alone)
    loop = asyncio.get_running_loop()
    before = loop.time()
    with pytest.raises(NotDelivered):
        await client.grain(Worker, "x", timeout=2.0).work(0.0)
    assert loop.time() - before <= 2.02
    call = asyncio.create_task(client.grain(Worker, "x", timeout=5.0).work(0.0))
    await members.start(1, kinds=[Worker])
    assert await call == 1


async def test_leaving_ends_although_the_service_is_down(members: Members) -> None:
    a, b = await members.start(2, kinds=[Worker])
    await a.grain(Worker, "x").work(0.0)
    members.service.stop()
    loop = asyncio.get_running_loop()
    before = loop.time()
    await members.leave(b)
    assert loop.time() - before < 5.0
    assert b.member_id not in a.topology


async def test_leaving_ends_although_nobody_can_be_reached(
    members: Members, caplog: pytest.LogCaptureFixture
) -> None:
    a, b, c = await members.start(3, kinds=[Worker])
    await a.grain(Worker, "x").work(0.0)
    members.partition(b, [a, c])
    loop = asyncio.get_running_loop()
    before = loop.time()
    with caplog.at_level(logging.ERROR):
        await members.leave(b)
    assert loop.time() - before < 20.0
    assert not caplog.records


async def test_trap_41_leaving_under_load_answers_every_caller(
    members: Members,
) -> None:
    a, b, _ = await members.start(3, kinds=[Worker])
    calls = [
        asyncio.create_task(
            (a, b)[n % 2].grain(Worker, f"w{n % 50}", timeout=8.0).work(0.01)
        )
        for n in range(1000)
    ]
    await asyncio.sleep(0.05)
    await members.leave(b)
    results = await asyncio.gather(*calls, return_exceptions=True)
    failed = [result for result in results if isinstance(result, BaseException)]
    assert all(isinstance(error, ActorError) for error in failed)
    mine = [result for n, result in enumerate(results) if n % 2 == 0]
    assert not [result for result in mine if isinstance(result, BaseException)]


async def test_trap_41_200_starts_and_stops_leave_nothing_behind(
    members: Members,
) -> None:
    await members.start(2, kinds=[Worker])
    before = len(asyncio.all_tasks())
    for _ in range(200):
        (guest,) = await members.start(1, kinds=[Worker], settle=False)
        await members.leave(guest)
    await members.agree()
    await asyncio.sleep(5.0)
    assert len(asyncio.all_tasks()) <= before
