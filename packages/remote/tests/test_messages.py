"""Messages, requests and replies between two nodes."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from protoactor import (
    PID,
    Actor,
    ActorSystem,
    BoundedMailbox,
    Context,
    DeadLetter,
    DeadLetterEvent,
    DeadLetterResponse,
    Expired,
    HandlerFailed,
    Overloaded,
    Props,
    Request,
    RequestTimeout,
    Terminated,
    Touch,
    Touched,
)
from protoactor_remote import (
    ConnectionLost,
    EndpointConnected,
    EndpointTerminated,
    MessageTooLarge,
    PeerUnreachable,
    Remote,
    RemoteOptions,
    TerminationReason,
    UnknownMessage,
    message,
)
from protoactor_remote.wire.remote_pb2 import ActorPidRequest
from protoactor_testkit import Probe

if TYPE_CHECKING:
    from .conftest import Nodes


@message("test.Greet")
@dataclass(frozen=True, slots=True)
class Greet(Request[str]):
    name: str


@message("test.Remaining")
@dataclass(frozen=True, slots=True)
class Remaining(Request[float]):
    """Asks how much time is left for the answer."""


class Greeter(Actor):
    async def receive(self, context: Context) -> None:
        match context.message:
            case Greet("nobody"):
                raise ValueError("there is no such person")
            case Greet("silent"):
                pass
            case Greet(name):
                context.respond(f"Hello {name}")
            case Remaining():
                assert context.remaining is not None
                context.respond(context.remaining)
            case _:
                pass


async def test_a_request_is_answered(nodes: Nodes) -> None:
    a, b = await nodes.start(), await nodes.start()
    b.system.spawn_named(Greeter, "greeter")
    reply = await a.system.request(b.pid("greeter"), Greet("Ann"))
    assert reply == "Hello Ann"


async def test_trap_64_two_systems_in_one_process_talk_both_ways(nodes: Nodes) -> None:
    a, b = await nodes.start(), await nodes.start()
    for node in (a, b):
        node.system.spawn_named(Greeter, "greeter")
    there = await a.system.request(b.pid("greeter"), Greet("b"))
    back = await b.system.request(a.pid("greeter"), Greet("a"))
    assert (there, back) == ("Hello b", "Hello a")


async def test_trap_64_two_systems_in_one_process_have_their_own_connections(
    nodes: Nodes,
) -> None:
    a, b, c = await nodes.start(), await nodes.start(), await nodes.start()
    ended: list[EndpointTerminated] = []
    b.system.events.subscribe(ended.append, EndpointTerminated)
    for node in (a, b):
        connected: list[EndpointConnected] = []
        node.system.events.subscribe(connected.append, EndpointConnected)
        await node.system.request(c.pid("activator"), Touch())
        assert [event.address for event in connected] == [c.address]
    a.remote.disconnect(c.address)
    await b.system.request(c.pid("activator"), Touch())
    assert ended == []


async def test_trap_21_concurrent_requests_get_their_own_replies(nodes: Nodes) -> None:
    a, b = await nodes.start(), await nodes.start()
    b.system.spawn_named(Greeter, "greeter")
    target = b.pid("greeter")
    names = [str(n) for n in range(200)]
    replies = await asyncio.gather(
        *(a.system.request(target, Greet(name)) for name in names)
    )
    assert replies == [f"Hello {name}" for name in names]


async def test_messages_arrive_in_order(nodes: Nodes) -> None:
    a, b = await nodes.start(), await nodes.start()
    probe = b.probe()
    for n in range(5000):
        a.system.send(probe.pid, n)
    assert [await probe.expect(int) for _ in range(5000)] == list(range(5000))


async def test_sender_and_headers_arrive(nodes: Nodes) -> None:
    a, b = await nodes.start(), await nodes.start()
    here, there = a.probe(), b.probe()
    here.send(there.pid, "ping", headers={"k": "v"})
    assert await there.expect(str) == "ping"
    assert (there.sender, there.headers) == (here.pid, {"k": "v"})
    there.reply("pong")
    assert await here.expect(str) == "pong"


async def test_protobuf_messages_need_no_registration(nodes: Nodes) -> None:
    a, b = await nodes.start(), await nodes.start()
    probe = b.probe()
    a.system.send(probe.pid, ActorPidRequest(name="n", kind="k"))
    assert (await probe.expect(ActorPidRequest)).kind == "k"


@pytest.mark.parametrize(
    "value",
    [None, True, 7, 1.5, "ä", b"\0", [1, [2]], {"a": {1: (2, "3")}}, ((), (1,))],
)
async def test_plain_values_arrive_as_they_are(
    memory_nodes: Nodes, value: object
) -> None:
    a, b = await memory_nodes.start(), await memory_nodes.start()

    class Answer(Actor):
        def receive(self, context: Context) -> None:
            if isinstance(context.message, Greet):
                context.respond([value])

    b.system.spawn_named(Answer, "answer")
    reply = await a.system.request(b.pid("answer"), Greet(""))
    assert repr(reply) == repr([value])


async def test_a_handler_that_raises_answers_at_once(nodes: Nodes) -> None:
    a, b = await nodes.start(), await nodes.start()
    b.system.spawn_named(Greeter, "greeter")
    with pytest.raises(HandlerFailed, match="no such person") as caught:
        await a.system.request(b.pid("greeter"), Greet("nobody"))
    assert caught.value.error_type == "ValueError"


async def test_a_request_to_nobody_fails_at_once(nodes: Nodes) -> None:
    a, b = await nodes.start(), await nodes.start()
    with pytest.raises(DeadLetter, match="no such actor"):
        await a.system.request(b.pid("nobody"), Greet("Ann"))


async def test_an_actor_hears_that_its_message_reached_nobody(nodes: Nodes) -> None:
    a, b = await nodes.start(), await nodes.start()
    probe = a.probe()
    probe.send(b.pid("nobody"), "hello?")
    response = await probe.expect(DeadLetterResponse)
    assert response == DeadLetterResponse(b.pid("nobody"), "no such actor")


async def test_a_request_without_answer_times_out(nodes: Nodes) -> None:
    a, b = await nodes.start(), await nodes.start()
    b.system.spawn_named(Greeter, "greeter")
    with pytest.raises(RequestTimeout):
        await a.system.request(b.pid("greeter"), Greet("silent"), timeout=0.2)


async def test_the_deadline_travels_as_time_left(nodes: Nodes) -> None:
    a, b = await nodes.start(), await nodes.start()
    b.system.spawn_named(Greeter, "greeter")
    left = await a.system.request(b.pid("greeter"), Remaining(), timeout=4.0)
    assert 3.0 < left <= 4.0


async def test_a_request_to_an_unreachable_peer_was_not_delivered(nodes: Nodes) -> None:
    a = await nodes.start()
    with pytest.raises(PeerUnreachable) as caught:
        await a.system.request(PID("127.0.0.1:1", "x"), Greet("Ann"))
    assert caught.value.address == "127.0.0.1:1"


async def test_a_request_that_expires_while_connecting_was_not_delivered(
    memory_nodes: Nodes,
) -> None:
    a, b = await memory_nodes.start(), await memory_nodes.start()
    assert memory_nodes.network is not None
    memory_nodes.network.partition(a.address, b.address)
    with pytest.raises(Expired):
        await a.system.request(b.pid("greeter"), Greet("Ann"), timeout=0.1)


async def test_an_address_that_is_none_is_a_dead_letter(memory_nodes: Nodes) -> None:
    a = await memory_nodes.start()
    for address in ("nowhere", "a b:1", "host:", "host:123456", ":80"):
        with pytest.raises(DeadLetter):
            await a.system.request(PID(address, "x"), Greet("Ann"))


async def test_a_request_of_an_unregistered_type_says_what_to_do(nodes: Nodes) -> None:
    @dataclass
    class Stranger:
        pass

    a, b = await nodes.start(), await nodes.start()
    with pytest.raises(UnknownMessage, match="@message"):
        await a.system.request(b.pid("x"), Stranger())


async def test_trap_52_a_message_above_the_limit_is_refused_and_others_are_not(
    nodes: Nodes,
) -> None:
    a, b = await nodes.start(), await nodes.start()
    b.system.spawn_named(Greeter, "greeter")
    with pytest.raises(MessageTooLarge) as caught:
        await a.system.request(b.pid("greeter"), Greet("x" * 5 * 2**20))
    assert caught.value.size > 5 * 2**20
    assert await a.system.request(b.pid("greeter"), Greet("b")) == "Hello b"


async def test_trap_52_a_megabyte_batch_arrives(nodes: Nodes) -> None:
    a, b = await nodes.start(), await nodes.start()
    probe = b.probe()
    for n in range(1000):
        a.system.send(probe.pid, bytes([n & 255]) * 10 * 1024)
    for n in range(1000):
        assert await probe.expect(bytes) == bytes([n & 255]) * 10 * 1024


async def test_trap_42_an_actor_from_before_remoting_has_a_dialable_address(
    memory_nodes: Nodes,
) -> None:
    b = await memory_nodes.start()
    b.system.spawn_named(Greeter, "greeter")
    async with ActorSystem() as system:
        early = Probe(system)
        assert early.pid.address == "nonhost"
        async with Remote(system, transport=memory_nodes.transport()) as remote:
            early.send(b.pid("greeter"), Touch())
            assert (await early.expect(Touched)).who == b.pid("greeter")
            there = b.probe()
            there.watch(PID(remote.address, early.pid.id))
            await b.system.request(PID(remote.address, early.pid.id), Touch())
            system.stop(early.pid)
            gone = await there.expect(Terminated)
            assert gone.who == PID(remote.address, early.pid.id)


async def test_trap_43_a_message_for_an_alias_of_ours_is_delivered_here(
    grpc_nodes: Nodes,
) -> None:
    a, b = await grpc_nodes.start(), await grpc_nodes.start()
    b.system.spawn_named(Greeter, "greeter")
    alias = PID(b.address.replace("127.0.0.1", "localhost"), "greeter")
    assert await a.system.request(alias, Greet("Ann")) == "Hello Ann"


async def test_trap_53_a_busy_actor_delays_no_other(nodes: Nodes) -> None:
    a, b = await nodes.start(), await nodes.start()
    release = asyncio.Event()

    class Slow(Actor):
        async def receive(self, context: Context) -> None:
            if context.message == "wait":
                await release.wait()

    b.system.spawn_named(Slow, "slow")
    b.system.spawn_named(Greeter, "greeter")
    for name in ("Ann", "Bob"):
        for _ in range(100):
            a.system.send(b.pid("slow"), "wait")
        reply = await a.system.request(b.pid("greeter"), Greet(name))
        assert reply == f"Hello {name}"
    release.set()


async def test_trap_53_a_full_mailbox_delays_no_other(nodes: Nodes) -> None:
    a, b = await nodes.start(), await nodes.start()
    release = asyncio.Event()

    class Slow(Actor):
        async def receive(self, context: Context) -> None:
            if context.message == "wait":
                await release.wait()

    b.system.spawn_named(Props(Slow, mailbox=lambda: BoundedMailbox(1)), "slow")
    b.system.spawn_named(Greeter, "greeter")
    for _ in range(10):
        a.system.send(b.pid("slow"), "wait")
    with pytest.raises(Overloaded):
        await a.system.request(b.pid("slow"), Greet("Ann"))
    assert await a.system.request(b.pid("greeter"), Greet("Ann")) == "Hello Ann"
    release.set()


@pytest.mark.virtual_time
async def test_trap_54_the_queue_for_a_peer_is_bounded(
    memory_nodes: Nodes, long: bool
) -> None:
    options = RemoteOptions(queue_size=1000, connect_attempts=1)
    a, b = await memory_nodes.start(options=options), await memory_nodes.start()
    assert memory_nodes.network is not None
    memory_nodes.network.partition(a.address, b.address)
    count = 2_000_000 if long else 20_000
    for _ in range(count):
        a.system.send(b.pid("x"), "more")
    dropped = a.system.dead_letters.counts
    assert dropped["endpoint queue is full"] == count - 1000


@pytest.mark.virtual_time
async def test_cancelled_requests_leave_no_room_taken(
    memory_nodes: Nodes, long: bool
) -> None:
    options = RemoteOptions(queue_size=5000)
    a, b = await memory_nodes.start(options=options), await memory_nodes.start()
    assert memory_nodes.network is not None
    memory_nodes.network.partition(a.address, b.address)
    for _ in range(1000 if long else 20):
        asked = [
            asyncio.create_task(a.system.request(b.pid("x"), Greet("Ann")))
            for _ in range(1000)
        ]
        await asyncio.sleep(0)
        for task in asked:
            task.cancel()
        await asyncio.gather(*asked, return_exceptions=True)
    assert a.system.dead_letters.counts["endpoint queue is full"] == 0
    assert len(a.system.requests) == 0


async def test_drain_waits_until_everything_is_written(nodes: Nodes) -> None:
    a, b = await nodes.start(), await nodes.start()
    probe = b.probe()
    for n in range(3000):
        a.system.send(probe.pid, n)
    await a.remote.drain(b.address)
    assert (await probe.expect(int), await probe.expect(int)) == (0, 1)
    await a.remote.drain(b.address)
    await a.remote.drain("127.0.0.1:1")


async def test_drain_says_when_the_peer_is_gone(nodes: Nodes) -> None:
    a = await nodes.start()
    a.system.send(PID("127.0.0.1:1", "x"), "hello?")
    with pytest.raises(PeerUnreachable):
        await a.remote.drain("127.0.0.1:1")


async def test_trap_55_a_lost_connection_ends_what_depends_on_it(
    memory_nodes: Nodes,
) -> None:
    a, b = await memory_nodes.start(), await memory_nodes.start()
    assert memory_nodes.network is not None
    b.system.spawn_named(Greeter, "greeter")
    await a.system.request(b.pid("greeter"), Greet("Ann"))
    terminated = asyncio.create_task(
        a.system.events.first(EndpointTerminated, timeout=30.0)
    )
    asked = asyncio.create_task(a.system.request(b.pid("greeter"), Greet("silent")))
    await asyncio.sleep(0)
    await a.remote.drain(b.address)
    memory_nodes.network.reset(a.address, b.address)
    with pytest.raises(ConnectionLost):
        await asked
    assert (await terminated).reason is TerminationReason.LOST


async def test_events_tell_of_connections(nodes: Nodes) -> None:
    a, b = await nodes.start(), await nodes.start()
    connected = asyncio.create_task(
        a.system.events.first(EndpointConnected, timeout=30.0)
    )
    await asyncio.sleep(0)
    a.system.send(b.pid("x"), "hello")
    event = await connected
    assert event == EndpointConnected(b.address, b.system.id, 1)


async def test_messages_to_an_unreachable_peer_are_dead_letters_once(
    nodes: Nodes,
) -> None:
    a = await nodes.start()
    letters: list[DeadLetterEvent] = []
    a.system.events.subscribe(letters.append, DeadLetterEvent)
    nowhere = PID("127.0.0.1:1", "x")
    terminated = asyncio.create_task(
        a.system.events.first(EndpointTerminated, timeout=30.0)
    )
    await asyncio.sleep(0)
    for n in range(10):
        a.system.send(nowhere, n)
    event = await terminated
    assert event.reason is TerminationReason.UNREACHABLE
    assert [(letter.target, letter.message) for letter in letters] == [
        (nowhere, n) for n in range(10)
    ]


async def test_a_spinning_node_answers_and_comes_to_rest(nodes: Nodes) -> None:
    a, b = await nodes.start(options=RemoteOptions(spin=0.05)), await nodes.start()
    b.system.spawn_named(Greeter, "greeter")
    for n in range(20):
        assert await a.system.request(b.pid("greeter"), Greet(str(n))) == f"Hello {n}"
    with pytest.raises(RequestTimeout):
        await a.system.request(b.pid("greeter"), Greet("silent"), timeout=0.1)
    await asyncio.sleep(0.06)
    assert not a.remote._node.spinner._turning
    before = time.process_time()
    await asyncio.sleep(0.3)
    assert time.process_time() - before < 0.1
