"""PIDs, ids, and finding the process behind them."""

import re

import pytest

from protoactor import PID, Actor, ActorSystem, Context
from protoactor.spi import ProcessRegistry, base64_digits


class Quiet(Actor):
    """Handles everything by ignoring it."""

    def receive(self, context: Context) -> None:
        pass


@pytest.mark.parametrize(
    ("number", "digits"),
    [
        (1, "1"),
        (10, "a"),
        (36, "A"),
        (62, "~"),
        (63, "+"),
        (64, "10"),
        (0xFEDCBA9876543210, "fXsKFxSl38g"),
    ],
)
def test_ids_count_as_protoactor_go_counts(number: int, digits: str) -> None:
    assert base64_digits(number) == digits


async def test_generated_ids_carry_the_incarnation(system: ActorSystem) -> None:
    other = ActorSystem(stall_warning=None)
    assert re.fullmatch(r"[0-9a-zA-Z]{6}", system.registry.incarnation)
    assert other.registry.incarnation != system.registry.incarnation
    ids = [system.spawn(Quiet).id for _ in range(100)]
    assert len(set(ids)) == 100
    assert all(
        re.fullmatch(rf"\$[0-9a-zA-Z~+]+~{system.registry.incarnation}", i) for i in ids
    )


def test_pids_are_values() -> None:
    pid = PID("127.0.0.1:8090", "echo")
    assert pid == PID("127.0.0.1:8090", "echo")
    assert pid != PID("127.0.0.1:8090", "echo", 1)
    assert len({pid, PID("127.0.0.1:8090", "echo"), PID("nonhost", "echo")}) == 2
    assert str(pid) == "127.0.0.1:8090/echo"
    assert str(PID("nonhost", "future", 7)) == "nonhost/future:7"


class Recorder:
    """A process that holds nothing and is false, as an empty container is."""

    def __init__(self) -> None:
        self.posted: list[object] = []

    def __len__(self) -> int:
        return 0

    def post(self, target: PID, item: object) -> None:
        self.posted.append(item)

    def post_system(self, target: PID, message: object) -> None:
        self.posted.append(message)


def test_processes_are_found_by_id_under_every_local_address() -> None:
    dead, process = Recorder(), Recorder()
    registry = ProcessRegistry(dead)
    assert registry.add("echo", process)
    assert not registry.add("echo", Recorder())
    registry.address = "127.0.0.1:8090"
    for address in ("nonhost", "127.0.0.1:8090"):
        assert registry.find(PID(address, "echo")) is process
    assert registry.find(PID("127.0.0.1:9999", "echo")) is dead
    assert registry.find(PID("", "echo")) is dead
    registry.remove("echo")
    assert registry.find(PID("nonhost", "echo")) is dead


def test_resolvers_are_asked_in_order() -> None:
    dead, first, second = Recorder(), Recorder(), Recorder()
    registry = ProcessRegistry(dead)

    def resolve_a(pid: PID) -> Recorder | None:
        return first if pid.address == "a" else None

    registry.add_resolver(resolve_a)
    registry.add_resolver(lambda _: second)
    assert registry.find(PID("a", "x")) is first
    assert registry.find(PID("b", "x")) is second
    registry.remove_resolver(resolve_a)
    assert registry.find(PID("a", "x")) is second
