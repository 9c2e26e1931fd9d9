"""The mailboxes that do what the built-in one does not."""

import asyncio
from dataclasses import dataclass

import pytest

from protoactor import (
    ActorSystem,
    BatchingMailbox,
    BoundedMailbox,
    Context,
    DeadLetterEvent,
    ObservedMailbox,
    Overflow,
    Overloaded,
    Prioritized,
    PriorityMailbox,
    Props,
    Started,
    Stopped,
    Stopping,
    UnboundedMailbox,
)
from protoactor.spi import Stop

pytestmark = pytest.mark.virtual_time


@dataclass(frozen=True, slots=True)
class Urgent:
    name: str
    priority: int = 7


class Recorder:
    """Blocks on `block`, so that what follows waits in the mailbox."""

    def __init__(self) -> None:
        self.seen: list[object] = []

    async def __call__(self, context: Context) -> None:
        if context.message == "block":
            await asyncio.sleep(1.0)
        else:
            self.seen.append(context.message)
            if context.sender is not None:
                context.respond(context.message)


async def test_trap_35_urgent_messages_overtake(system: ActorSystem) -> None:
    record = Recorder()
    pid = system.spawn(Props.from_function(record, mailbox=PriorityMailbox))
    messages = ["a", Urgent("b"), "c", Urgent("d", 0), Urgent("e", 5), Urgent("f")]
    for message in ("block", *messages):
        system.send(pid, message)
    await asyncio.sleep(5.0)
    order = [Urgent("b"), Urgent("f"), Urgent("e", 5), "a", "c", Urgent("d", 0)]
    assert record.seen == [Started(), *order]


async def test_trap_35_in_the_envelope_of_a_request_too(system: ActorSystem) -> None:
    record = Recorder()
    pid = system.spawn(Props.from_function(record, mailbox=PriorityMailbox))
    assert isinstance(Urgent("x"), Prioritized)
    for message in ("block", "a", "b"):
        system.send(pid, message)
    await asyncio.sleep(0.5)
    assert await system.request(pid, Urgent("c")) == Urgent("c")
    await asyncio.sleep(5.0)
    assert record.seen == [Started(), Urgent("c"), "a", "b"]


@pytest.mark.parametrize(("priority", "first"), [(99, True), (-99, False)])
async def test_priorities_out_of_range_are_the_nearest_in_it(
    system: ActorSystem, priority: int, first: bool
) -> None:
    record = Recorder()
    pid = system.spawn(Props.from_function(record, mailbox=PriorityMailbox))
    odd = Urgent("odd", priority)
    for message in ("block", "plain", odd):
        system.send(pid, message)
    await asyncio.sleep(5.0)
    assert record.seen[1:] == ([odd, "plain"] if first else ["plain", odd])


@pytest.mark.parametrize(
    ("overflow", "kept"),
    [
        (Overflow.DROP_NEWEST, [0, 1, 2]),
        (Overflow.DROP_OLDEST, [7, 8, 9]),
        (Overflow.REJECT, [0, 1, 2]),
    ],
)
async def test_trap_36_overflow_drops_and_never_blocks(
    system: ActorSystem, overflow: Overflow, kept: list[int]
) -> None:
    dead: list[DeadLetterEvent] = []
    system.events.subscribe(dead.append, DeadLetterEvent)
    record = Recorder()
    props = Props.from_function(record, mailbox=lambda: BoundedMailbox(3, overflow))
    pid = system.spawn(props)
    system.send(pid, "block")
    await asyncio.sleep(0.5)
    for number in range(10):
        system.send(pid, number)
    assert system.loop.time() == 0.5
    assert [event.message for event in dead] == [n for n in range(10) if n not in kept]
    assert {event.reason for event in dead} == {"mailbox is full"}
    await asyncio.sleep(5.0)
    assert record.seen[1:] == kept


async def test_trap_36_system_messages_are_not_bounded(system: ActorSystem) -> None:
    record = Recorder()
    props = Props.from_function(record, mailbox=lambda: BoundedMailbox(1))
    pid = system.spawn(props)
    for number in range(10):
        system.send(pid, number)
    await system.stop(pid)
    assert record.seen == [Started(), Stopping(), Stopped()]


async def test_a_refused_request_is_overloaded(system: ActorSystem) -> None:
    props = Props.from_function(Recorder(), mailbox=lambda: BoundedMailbox(1))
    pid = system.spawn(props)
    system.send(pid, "block")
    await asyncio.sleep(0.5)
    waiting = asyncio.create_task(system.request(pid, "fits"))
    await asyncio.sleep(0)
    with pytest.raises(Overloaded) as refused:
        await system.request(pid, "does not fit", timeout=60.0)
    assert refused.value.target == pid
    assert await waiting == "fits"


async def test_batches_arrive_as_lists(system: ActorSystem) -> None:
    record = Recorder()
    props = Props.from_function(record, mailbox=lambda: BatchingMailbox(3))
    pid = system.spawn(props)
    for number in range(7):
        system.send(pid, number)
    await asyncio.sleep(1.0)
    assert record.seen == [Started(), [0, 1, 2], [3, 4, 5], [6]]


class Counter:
    def __init__(self) -> None:
        self.log: list[str] = []

    def posted(self, item: object) -> None:
        self.log.append(f"posted {item}")

    def taken(self, item: object) -> None:
        self.log.append(f"taken {item}")

    def emptied(self) -> None:
        self.log.append("emptied")


async def test_statistics_observe_a_mailbox(system: ActorSystem) -> None:
    counter, record = Counter(), Recorder()
    props = Props.from_function(
        record, mailbox=lambda: ObservedMailbox(UnboundedMailbox(), [counter])
    )
    pid = system.spawn(props)
    for number in range(2):
        system.send(pid, number)
    await asyncio.sleep(1.0)
    expected = ["posted 0", "posted 1", "taken 0", "taken 1", "emptied"]
    assert counter.log == expected
    assert record.seen == [Started(), 0, 1]


@pytest.mark.parametrize("mailbox", [BoundedMailbox, BatchingMailbox])
def test_a_mailbox_must_hold_something(mailbox: type) -> None:
    with pytest.raises(ValueError, match="at least 1 message, not 0"):
        mailbox(0)


@pytest.mark.parametrize(
    "mailbox",
    [
        UnboundedMailbox,
        PriorityMailbox,
        lambda: BoundedMailbox(100),
        lambda: ObservedMailbox(UnboundedMailbox(), []),
    ],
    ids=["unbounded", "priority", "bounded", "observed"],
)
async def test_every_mailbox_is_first_in_first_out(
    system: ActorSystem, mailbox: type
) -> None:
    record = Recorder()
    pid = system.spawn(Props.from_function(record, mailbox=mailbox))
    for number in range(100):
        system.send(pid, number)
    await asyncio.sleep(1.0)
    assert record.seen == [Started(), *range(100)]
    assert len(mailbox()) == 0


@pytest.mark.parametrize(
    "mailbox", [PriorityMailbox, lambda: BoundedMailbox(100), UnboundedMailbox]
)
async def test_what_a_mailbox_holds_at_the_end_is_dead(
    system: ActorSystem, mailbox: type
) -> None:
    dead: list[DeadLetterEvent] = []
    system.events.subscribe(dead.append, DeadLetterEvent)
    pid = system.spawn(Props.from_function(Recorder(), mailbox=mailbox))
    for message in ("block", 1, 2):
        system.send(pid, message)
    await asyncio.sleep(0.5)
    system.post_system(pid, Stop())
    await asyncio.sleep(5.0)
    assert [event.message for event in dead] == [1, 2]
