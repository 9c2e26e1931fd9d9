"""Consistent hashing: a key keeps its routee."""

import subprocess
import sys
from collections import Counter
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protoactor import (
    PID,
    Actor,
    ActorSystem,
    AddRoutee,
    ConsistentHashGroup,
    ConsistentHashPool,
    Context,
    DeadLetter,
    GetRoutees,
)
from protoactor.routing import HashRing

PIDS = [PID("127.0.0.1:8080", f"worker-{number}") for number in range(10)]
pid_sets = st.sets(st.sampled_from(PIDS), min_size=2).map(sorted)


@dataclass(frozen=True)
class Order:
    customer: str

    @property
    def hash_key(self) -> str:
        return self.customer


class Worker(Actor):
    def receive(self, context: Context) -> None:
        if isinstance(context.message, Order | dict):
            context.respond(context.self.id)


async def test_a_key_always_reaches_the_same_routee() -> None:
    async with ActorSystem() as system:
        router = system.spawn(ConsistentHashPool(5, Worker))
        for customer in map(str, range(20)):
            owners = {await system.request(router, Order(customer)) for _ in range(3)}
            assert len(owners) == 1


async def test_keys_move_only_to_a_routee_that_is_new() -> None:
    async with ActorSystem() as system:
        router = system.spawn(
            ConsistentHashGroup([system.spawn(Worker) for _ in range(4)])
        )
        orders = [Order(str(number)) for number in range(100)]
        before = [await system.request(router, order) for order in orders]
        added = system.spawn(Worker)
        system.send(router, AddRoutee(added))
        await system.request(router, GetRoutees())
        after = [await system.request(router, order) for order in orders]
        moved = {new for old, new in zip(before, after, strict=True) if old != new}
        assert moved == {added.id}


async def test_the_key_may_be_found_by_a_function() -> None:
    def customer(message: object) -> str | None:
        match message:
            case {"customer": str(name)}:
                return name
            case _:
                return None

    async with ActorSystem() as system:
        workers = [system.spawn(Worker) for _ in range(5)]
        keyed = system.spawn(ConsistentHashGroup(workers, key=customer))
        plain = system.spawn(ConsistentHashGroup(workers))
        for name in ("Ann", "Bo", "Cid"):
            owner = await system.request(plain, Order(name))
            assert await system.request(keyed, {"customer": name}) == owner


async def test_a_message_without_a_key_is_a_dead_letter() -> None:
    async with ActorSystem() as system:
        router = system.spawn(ConsistentHashPool(2, Worker))
        system.send(router, "no key")
        with pytest.raises(DeadLetter, match="no hash key"):
            await system.request(router, "no key")


@given(pid_sets, st.text())
def test_order_of_the_routees_does_not_matter(pids: list[PID], key: str) -> None:
    assert HashRing(pids).owner(key) == HashRing(pids[::-1]).owner(key)


@given(pid_sets, st.data())
def test_only_keys_of_a_removed_routee_move(
    pids: list[PID], data: st.DataObject
) -> None:
    removed = data.draw(st.sampled_from(pids))
    before = HashRing(pids)
    after = HashRing([pid for pid in pids if pid != removed])
    for key in map(str, range(50)):
        if before.owner(key) != removed:
            assert after.owner(key) == before.owner(key)


def test_every_routee_gets_its_share() -> None:
    ring = HashRing(PIDS)
    shares = Counter(ring.owner(f"key-{number}") for number in range(20_000))
    assert min(shares[pid] for pid in PIDS) > 2000 * 0.6
    assert max(shares.values()) < 2000 * 1.5


def test_another_process_finds_the_same_owners() -> None:
    """Python's own `hash` of a string differs from process to process."""
    program = (
        "from protoactor import PID\n"
        "from protoactor.routing import HashRing\n"
        f"ring = HashRing({PIDS!r})\n"
        "print(*(ring.owner(str(n)).id for n in range(100)))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    ring = HashRing(PIDS)
    assert ran.stdout.split() == [ring.owner(str(n)).id for n in range(100)]
