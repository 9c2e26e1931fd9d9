"""A request ends in one of four ways, each a type, within its deadline."""

import asyncio
import contextlib
import random
from dataclasses import dataclass

import pytest

from protoactor import (
    PID,
    ActorError,
    ActorStopped,
    ActorSystem,
    Context,
    DeadLetter,
    DeadLetterEvent,
    Envelope,
    Expired,
    HandlerFailed,
    NotDelivered,
    NotSent,
    OutcomeUnknown,
    Props,
    Request,
    RequestTimeout,
    UnexpectedReply,
)
from protoactor_testkit import Probe

pytestmark = pytest.mark.virtual_time
SWEEP = 0.02 + 1e-9  # rounding aside


@dataclass(frozen=True, slots=True)
class Square(Request[int]):
    number: int


async def worker(context: Context) -> None:
    """Does what it is told, and answers."""
    match context.message:
        case float(seconds):
            await asyncio.sleep(seconds)
            context.respond("slept")
        case Square(number):
            context.respond(number * number)
        case "fail":
            raise ValueError("as told")
        case str():
            context.respond(context.message)
        case _:
            pass


@pytest.fixture
def working(system: ActorSystem) -> PID:
    return system.spawn(Props.from_function(worker))


async def test_the_reply_has_the_type_the_message_names(
    system: ActorSystem, working: PID
) -> None:
    total: int = await system.request(working, Square(12))
    assert total == 144


async def test_returns_names_the_type_of_the_reply(
    system: ActorSystem, working: PID
) -> None:
    text: str = await system.request(working, "hello", returns=str)
    assert text == "hello"
    with pytest.raises(UnexpectedReply, match="expected a int as reply, got str"):
        await system.request(working, "hello", returns=int)


async def test_nobody_there_is_not_delivered(system: ActorSystem) -> None:
    nobody = PID(system.address, "nobody")
    with pytest.raises(DeadLetter) as failed:
        await system.request(nobody, "hello", timeout=60.0)
    assert isinstance(failed.value, NotDelivered)
    assert failed.value.target == nobody
    assert system.loop.time() == 0.0


async def test_a_handler_that_takes_too_long_is_outcome_unknown(
    system: ActorSystem, working: PID
) -> None:
    with pytest.raises(RequestTimeout) as failed:
        await system.request(working, 60.0, timeout=2.0)
    assert isinstance(failed.value, OutcomeUnknown | TimeoutError)
    assert 2.0 <= system.loop.time() <= 2.0 + SWEEP


async def test_still_queued_at_the_deadline_is_not_delivered(
    system: ActorSystem, working: PID
) -> None:
    dead: list[DeadLetterEvent] = []
    system.events.subscribe(dead.append, DeadLetterEvent)
    system.send(working, 10.0)
    with pytest.raises(Expired) as failed:
        await system.request(working, "queued", timeout=2.0)
    assert isinstance(failed.value, NotDelivered | TimeoutError)
    assert 2.0 <= system.loop.time() <= 2.0 + SWEEP
    assert [event.message for event in dead] == ["queued"]
    await asyncio.sleep(20.0)
    assert [event.message for event in dead] == ["queued", "slept"]  # it never ran


async def test_what_the_handler_raised_is_the_cause(
    system: ActorSystem, working: PID
) -> None:
    with pytest.raises(HandlerFailed, match="ValueError: as told") as failed:
        await system.request(working, "fail")
    assert isinstance(failed.value.__cause__, ValueError)


async def test_the_default_timeout_is_that_of_the_system(dispatcher: type) -> None:
    async with ActorSystem(
        stall_warning=None, dispatcher=dispatcher, request_timeout=7.0
    ) as system:
        pid = system.spawn(Props.from_function(worker))
        with pytest.raises(RequestTimeout):
            await system.request(pid, 60.0)
        assert 7.0 <= system.loop.time() <= 7.0 + SWEEP


@pytest.mark.parametrize("timeout", [0.0, -1.0])
async def test_no_time_left_sends_nothing(
    system: ActorSystem, working: PID, probe: Probe, timeout: float
) -> None:
    with pytest.raises(Expired):
        await system.request(probe.pid, "late", timeout=timeout)
    await probe.expect_nothing()


@pytest.mark.parametrize("seed", range(5))
async def test_every_request_ends_within_its_deadline_and_a_sweep(
    system: ActorSystem, seed: int
) -> None:
    chance = random.Random(seed)
    working = [system.spawn(Props.from_function(worker)) for _ in range(20)]
    late: list[float] = []

    async def ask() -> None:
        await asyncio.sleep(chance.uniform(0, 5))
        timeout, began = chance.uniform(0.01, 3), system.loop.time()
        message = chance.choice([chance.uniform(0, 4), "hello", "fail"])
        with contextlib.suppress(ActorError):
            await system.request(chance.choice(working), message, timeout=timeout)
        late.append(system.loop.time() - began - timeout)

    await asyncio.gather(*(ask() for _ in range(400)))
    assert len(late) == 400
    assert max(late) <= SWEEP
    assert len(system.requests) == 0


async def test_a_cancelled_caller_withdraws_what_is_queued(
    system: ActorSystem, working: PID
) -> None:
    dead: list[DeadLetterEvent] = []
    system.events.subscribe(dead.append, DeadLetterEvent)
    system.send(working, 1.0)
    ask = asyncio.create_task(system.request(working, Square(3)))
    await asyncio.sleep(0.5)
    ask.cancel()
    with pytest.raises(asyncio.CancelledError):
        await ask
    await asyncio.sleep(5.0)
    withdrawn, *rest = dead
    assert (withdrawn.message, withdrawn.reason) == (
        Square(3),
        "cancelled by its caller",
    )
    assert [event.message for event in rest] == ["slept"]  # Square(3) never ran


async def test_cancelled_while_its_answer_is_under_way(
    system: ActorSystem, working: PID
) -> None:
    """Its target stopped in that very moment: that is one dead letter, not two."""
    dead: list[DeadLetterEvent] = []

    def hear(event: DeadLetterEvent) -> None:
        dead.append(event)
        ask.cancel()

    system.events.subscribe(hear, DeadLetterEvent)
    system.send(working, 1.0)
    ask = asyncio.create_task(system.request(working, Square(3)))
    await asyncio.sleep(0.5)
    system.stop(working)
    with pytest.raises(asyncio.CancelledError):
        await ask
    reasons = [event.reason for event in dead if event.message == Square(3)]
    assert reasons == ["actor stopped"]


async def test_a_running_handler_outlives_its_cancelled_caller(
    system: ActorSystem,
) -> None:
    finished: list[float] = []

    async def receive(context: Context) -> None:
        if context.message == "work":
            await asyncio.sleep(5.0)
            finished.append(system.loop.time())

    pid = system.spawn(Props.from_function(receive))
    ask = asyncio.create_task(system.request(pid, "work"))
    await asyncio.sleep(1.0)
    ask.cancel()
    await asyncio.sleep(10.0)
    assert finished == [5.0]


async def test_a_nested_request_inherits_what_time_is_left(system: ActorSystem) -> None:
    remaining: list[float | None] = []
    slow = system.spawn(Props.from_function(worker))

    async def receive(context: Context) -> None:
        if context.message == "ask":
            await asyncio.sleep(2.0)
            remaining.append(context.remaining)
            began = system.loop.time()
            with pytest.raises(TimeoutError):
                await context.request(slow, 60.0, timeout=30.0)
            remaining.append(system.loop.time() - began)

    pid = system.spawn(Props.from_function(receive))
    with pytest.raises(RequestTimeout):
        await system.request(pid, "ask", timeout=5.0)
    await asyncio.sleep(1.0)
    assert remaining[0] == pytest.approx(3.0)
    assert remaining[1] == pytest.approx(3.0, abs=SWEEP)


async def test_a_message_without_a_deadline_has_all_the_time(
    system: ActorSystem, probe: Probe
) -> None:
    def receive(context: Context) -> None:
        context.send(probe.pid, ("remaining", context.remaining))

    system.spawn(Props.from_function(receive))
    assert await probe.expect(tuple) == ("remaining", None)


async def test_a_deadline_from_elsewhere_is_kept_too(
    system: ActorSystem, probe: Probe
) -> None:
    """As remoting delivers it: nobody in this process waits, and nothing sweeps."""
    ran: list[object] = []
    dead: list[DeadLetterEvent] = []
    system.events.subscribe(dead.append, DeadLetterEvent)

    async def receive(context: Context) -> None:
        ran.append(context.message)
        if isinstance(context.message, float):
            await asyncio.sleep(context.message)

    pid = system.spawn(Props.from_function(receive))
    deadline = system.loop.time() + 3.0
    for message in (0.0, 0.0, 10.0, "too late"):
        system.deliver(pid, Envelope(message, probe.pid, deadline=deadline))
    await asyncio.sleep(20.0)
    assert ran[1:] == [0.0, 0.0, 10.0]
    assert [event.message for event in dead] == ["too late"]


async def test_a_deadline_that_the_actor_finds_passed_first(
    system: ActorSystem,
) -> None:
    """Its turn may come between the deadline and the next sweep."""

    async def receive(context: Context) -> None:
        if isinstance(context.message, float):
            await asyncio.sleep(context.message)

    pid = system.spawn(Props.from_function(receive))
    system.send(pid, 1.001)
    with pytest.raises(Expired):
        await system.request(pid, "late", timeout=1.0)


async def test_trap_06_a_request_to_oneself_ends_at_its_deadline(
    system: ActorSystem,
) -> None:
    caught: list[ActorError] = []

    async def receive(context: Context) -> None:
        if context.message == "ask myself":
            try:
                await context.request(context.self, "never", timeout=2.0)
            except ActorError as error:
                caught.append(error)
            context.respond("went on")

    pid = system.spawn(Props.from_function(receive))
    assert await system.request(pid, "ask myself") == "went on"
    assert isinstance(caught[0], Expired)


async def test_trap_06_a_request_to_an_ancestor_that_waits_for_us(
    system: ActorSystem,
) -> None:
    async def child(context: Context) -> None:
        if context.message == "ask":
            assert context.parent is not None
            with pytest.raises(TimeoutError):
                await context.request(context.parent, "busy", timeout=1.0)
            context.respond("gave up")

    async def parent(context: Context) -> None:
        if context.message == "ask":
            pid = context.spawn(Props.from_function(child))
            context.respond(await context.request(pid, "ask"))

    pid = system.spawn(Props.from_function(parent))
    assert await system.request(pid, "ask") == "gave up"
    assert 1.0 <= system.loop.time() <= 1.0 + SWEEP


async def test_trap_06_reentering_makes_such_conversations_work(
    system: ActorSystem,
) -> None:
    def receive(context: Context) -> None:
        match context.message:
            case "ask myself":
                context.request_reenter(
                    context.self,
                    "question",
                    lambda done: context.respond(f"I said {done.result()}"),
                )
            case "question":
                context.respond("yes")
            case _:
                pass

    pid = system.spawn(Props.from_function(receive))
    assert await system.request(pid, "ask myself") == "I said yes"


async def test_a_request_to_reenter_after_is_sent_before_what_is_sent_later(
    system: ActorSystem, probe: Probe
) -> None:
    def receive(context: Context) -> None:
        if context.message == "go":
            context.request_reenter(probe.pid, 1, lambda _: None)
            context.send(probe.pid, 2)

    system.send(system.spawn(Props.from_function(receive)), "go")
    assert [await probe.expect(int), await probe.expect(int)] == [1, 2]


@pytest.mark.parametrize("message", [None, "hello"])
async def test_what_is_wrong_with_a_request_to_reenter_after_is_its_outcome(
    system: ActorSystem, message: object
) -> None:
    def receive(context: Context) -> None:
        if context.message == "go":
            context.request_reenter(
                context.self,
                message,
                lambda done: context.respond(type(done.exception()).__name__),
                timeout=0.0,
            )

    pid = system.spawn(Props.from_function(receive))
    wrong = await system.request(pid, "go", returns=str)
    assert wrong == ("NotSent" if message is None else "Expired")


async def test_trap_21_replies_find_their_requests(system: ActorSystem) -> None:
    """200 at once through one process, answered in another order."""
    waiting: list[tuple[PID, int]] = []

    def collect(context: Context) -> None:
        if isinstance(context.message, int) and context.sender:
            waiting.append((context.sender, context.message))
        elif context.message == "answer":
            random.Random(1).shuffle(waiting)
            for sender, number in waiting:
                context.send(sender, number * 2)

    pid = system.spawn(Props.from_function(collect))
    asks = [asyncio.create_task(system.request(pid, n)) for n in range(200)]
    await asyncio.sleep(1.0)
    assert len({sender.id for sender, _ in waiting}) == 1
    system.send(pid, "answer")
    assert await asyncio.gather(*asks) == [n * 2 for n in range(200)]


async def test_trap_22_many_may_wait_for_one_stop(
    system: ActorSystem, working: PID
) -> None:
    async with asyncio.timeout(60.0):
        await asyncio.gather(*(system.stop(working) for _ in range(10)))


async def test_trap_23_the_first_reply_wins_and_the_second_is_dead(
    system: ActorSystem,
) -> None:
    dead: list[DeadLetterEvent] = []
    system.events.subscribe(dead.append, DeadLetterEvent)

    def receive(context: Context) -> None:
        if context.message == "ask" and context.sender is not None:
            context.respond("first")
            context.respond("second")
            context.send(context.sender, "third, to the PID itself")

    pid = system.spawn(Props.from_function(receive))
    assert await system.request(pid, "ask") == "first"
    assert [event.message for event in dead] == ["second", "third, to the PID itself"]


async def test_trap_23_a_late_reply_to_the_pid_itself_is_dead(
    system: ActorSystem,
) -> None:
    dead: list[DeadLetterEvent] = []
    system.events.subscribe(dead.append, DeadLetterEvent)

    async def receive(context: Context) -> None:
        sender = context.sender
        if context.message == "ask" and sender is not None:
            await asyncio.sleep(2.0)
            context.send(sender, "late")

    pid = system.spawn(Props.from_function(receive))
    with pytest.raises(RequestTimeout):
        await system.request(pid, "ask", timeout=1.0)
    await asyncio.sleep(2.0)
    assert [event.message for event in dead] == ["late"]


async def test_trap_23_a_late_reply_is_dead(system: ActorSystem, working: PID) -> None:
    async with system.events.stream(DeadLetterEvent) as dead:
        with pytest.raises(RequestTimeout):
            await system.request(working, 5.0, timeout=1.0)
        event = await anext(dead)
    assert (event.message, event.reason) == ("slept", "nobody waits for this reply")
    assert await system.request(working, "still fine") == "still fine"


async def test_answering_with_none_is_an_error_of_the_handler(
    system: ActorSystem,
) -> None:
    pid = system.spawn(Props.from_function(lambda c: c.respond(None)))
    with pytest.raises(HandlerFailed) as failed:
        await system.request(pid, "ask")
    assert isinstance(failed.value.__cause__, NotSent)


async def test_a_failure_after_the_reply_changes_nothing(system: ActorSystem) -> None:
    def receive(context: Context) -> None:
        if context.message == "ask":
            context.respond("answered")
            raise ValueError

    pid = system.spawn(Props.from_function(receive))
    assert await system.request(pid, "ask") == "answered"


async def test_headers_travel_with_the_message(
    system: ActorSystem, probe: Probe
) -> None:
    system.send(probe.pid, "hello", headers={"tenant": "a"})
    await probe.expect(str)
    assert probe.headers == {"tenant": "a"}


async def test_forwarding_keeps_sender_and_headers(
    system: ActorSystem, probe: Probe
) -> None:
    def forward(context: Context) -> None:
        if isinstance(context.message, str):
            context.forward(probe.pid)

    relay = system.spawn(Props.from_function(forward))
    ask = asyncio.create_task(system.request(relay, "hello", headers={"k": "v"}))
    await probe.expect(str)
    assert probe.headers == {"k": "v"}
    probe.reply("from behind")
    assert await ask == "from behind"


async def test_a_caller_may_stop_waiting_at_any_moment(
    system: ActorSystem, working: PID
) -> None:
    """Thousands of cancellations leave no request behind, nor an unanswered one."""
    chance = random.Random(7)
    outcomes: set[str] = set()

    async def ask() -> None:
        try:
            async with asyncio.timeout(chance.uniform(0, 0.02)):
                await system.request(working, 0.01, timeout=chance.uniform(0.01, 0.03))
            outcomes.add("answered")
        except ActorError as error:
            outcomes.add(type(error).__name__)
        except TimeoutError:
            outcomes.add("gave up")

    for _ in range(200):
        await asyncio.gather(*(ask() for _ in range(chance.randrange(1, 20))))
        await asyncio.sleep(chance.uniform(0, 0.1))
    assert outcomes >= {"answered", "gave up", "Expired"}
    assert len(system.requests) == 0
    assert await system.request(working, "hello", timeout=60.0) == "hello"


async def test_a_stopped_target_that_took_the_request(dispatcher: type) -> None:
    """It took the request, hung, and was given up at the shutdown."""
    async with ActorSystem(
        stall_warning=None, dispatcher=dispatcher, shutdown_timeout=1.0
    ) as system:
        pid = system.spawn(Props.from_function(worker))
        taken = asyncio.create_task(system.request(pid, 600.0, timeout=900.0))
        queued = asyncio.create_task(system.request(pid, "queued", timeout=900.0))
        await asyncio.sleep(0.5)
    with pytest.raises(ActorStopped):
        await taken
    with pytest.raises(DeadLetter):
        await queued
