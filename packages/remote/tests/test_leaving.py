"""A node that closes: what was queued leaves first, in bounded time."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from protoactor import PID, Actor, Context, DeadLetterEvent
from protoactor_remote import (
    EndpointConnected,
    EndpointTerminated,
    RemoteOptions,
    TerminationReason,
)
from protoactor_remote._abilities import NO_ABILITIES
from protoactor_remote._handshake import connect_request
from protoactor_remote.wire import remote_pb2
from protoactor_testkit import Probe

if TYPE_CHECKING:
    from .conftest import Node, Nodes

pytestmark = pytest.mark.virtual_time
DEFAULTS = RemoteOptions()
TRAVEL = 0.2
"""Seconds of each frame; a handshake takes three times as long."""


class Echo(Actor):
    """Sends every text back."""

    def receive(self, context: Context) -> None:
        match context.message:
            case str(text):
                context.respond(text)
            case _:
                pass


async def far_apart(nodes: Nodes) -> tuple[Node, Node]:
    """Two nodes that take a while to connect."""
    a = await nodes.start(options=DEFAULTS)
    b = await nodes.start(options=DEFAULTS)
    assert nodes.network is not None
    nodes.network.delay(a.address, b.address, TRAVEL)
    return a, b


async def stop_timed(nodes: Nodes, node: Node) -> float:
    """How many seconds it took to leave in good order."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    await nodes.stop(node)
    return loop.time() - began


def lost(node: Node) -> list[DeadLetterEvent]:
    letters: list[DeadLetterEvent] = []
    node.system.events.subscribe(letters.append, DeadLetterEvent)
    return letters


async def test_what_waits_for_a_connection_leaves_before_the_node(
    memory_nodes: Nodes,
) -> None:
    a, b = await far_apart(memory_nodes)
    probe, letters = b.probe(), lost(a)
    for n in range(100):
        a.system.send(probe.pid, n)
    await memory_nodes.stop(a)
    assert [await probe.expect(int) for _ in range(100)] == list(range(100))
    assert letters == []


async def test_answers_of_a_node_that_still_dials_back_arrive(
    memory_nodes: Nodes,
) -> None:
    """It had no connection to the caller before; leaving overtakes the handshake."""
    a, b = await far_apart(memory_nodes)
    probe = b.probe()
    asked = asyncio.create_task(a.system.request(probe.pid, "?", returns=str))
    assert await probe.expect(str) == "?"
    probe.reply("!")
    await memory_nodes.stop(b)
    assert await asked == "!"


class SlowStream:
    """A peer that takes long to read the answer to its greeting."""

    peer = "slow"

    def __init__(self, greeting: bytes) -> None:
        self._frames: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._frames.put_nowait(greeting)
        self.writable = asyncio.Event()
        self.written: list[str | None] = []

    async def read(self) -> bytes | None:
        return await self._frames.get()

    async def write(self, frame: bytes) -> None:
        await self.writable.wait()
        message = remote_pb2.RemoteMessage.FromString(frame)
        self.written.append(message.WhichOneof("message_type"))
        if self.written[-1] == "disconnect_request":
            self._frames.put_nowait(None)


async def test_who_is_being_greeted_is_asked_to_leave_too(memory_nodes: Nodes) -> None:
    node = await memory_nodes.start(options=DEFAULTS)
    stream = SlowStream(connect_request("peer", "127.0.0.1:1", (), NO_ABILITIES))
    serving = asyncio.create_task(node.remote._callers.accept(stream))
    await asyncio.sleep(1.0)
    stopping = asyncio.create_task(memory_nodes.stop(node))
    await asyncio.sleep(1.0)
    assert not stopping.done()
    stream.writable.set()
    await asyncio.gather(serving, stopping)
    assert stream.written == ["connect_response", "disconnect_request"]


async def test_answers_given_during_the_last_writes_arrive(memory_nodes: Nodes) -> None:
    """Actors outlive the node by a moment, and still have requests in their mailboxes."""
    a, b = await far_apart(memory_nodes)
    echo = b.system.spawn(Echo)
    asked = [
        asyncio.create_task(a.system.request(echo, str(n), returns=str))
        for n in range(2000)
    ]
    await asyncio.sleep(0)
    await a.remote.drain(b.address)
    await memory_nodes.stop(b)
    assert await asyncio.gather(*asked) == [str(n) for n in range(2000)]


async def test_an_answer_given_after_the_closing_began_arrives(
    memory_nodes: Nodes,
) -> None:
    """As long as others are being written, it may still join them."""
    a, b = await far_apart(memory_nodes)
    early, late = b.probe(), b.probe()
    asked = [
        asyncio.create_task(a.system.request(probe.pid, "?", returns=str))
        for probe in (early, late)
    ]
    for probe in (early, late):
        await probe.expect(str)
    writable = asyncio.get_running_loop().create_future()
    b.remote.gate.ask = lambda: writable
    early.reply("early")
    stopping = asyncio.create_task(memory_nodes.stop(b))
    await asyncio.sleep(1.0)
    assert len(b.remote._callers) == 0
    late.reply("late")
    b.remote.gate.open()
    writable.set_result(None)
    await stopping
    assert await asyncio.gather(*asked) == ["early", "late"]


async def test_a_silent_peer_holds_a_closing_node_up_no_longer_than_the_flush_timeout(
    memory_nodes: Nodes,
) -> None:
    a, b = await far_apart(memory_nodes)
    assert memory_nodes.network is not None
    memory_nodes.network.partition(a.address, b.address)
    ended = asyncio.create_task(a.system.events.first(EndpointTerminated))
    await asyncio.sleep(0)
    a.system.send(b.pid("x"), "lost")
    letters = lost(a)
    took = await stop_timed(memory_nodes, a)
    assert took == pytest.approx(DEFAULTS.flush_timeout)
    assert (await ended).reason is TerminationReason.CLOSED
    assert [(letter.message, letter.reason) for letter in letters] == [
        ("lost", "peer unreachable")
    ]


async def test_connecting_and_writing_share_the_flush_timeout(
    memory_nodes: Nodes,
) -> None:
    """The peer shakes hands in time, and then takes nothing any more."""
    a, b = await far_apart(memory_nodes)
    network = memory_nodes.network
    assert network is not None

    def freeze(_: object) -> None:
        network.partition(a.address, b.address)

    a.system.events.subscribe(freeze, EndpointConnected)
    a.system.send(b.pid("x"), "lost")
    took = await stop_timed(memory_nodes, a)
    assert took == pytest.approx(DEFAULTS.flush_timeout)


async def test_a_refused_connection_does_not_hold_a_closing_node_up(
    memory_nodes: Nodes,
) -> None:
    """`FAST` gives up after three attempts, a hundredth of a second apart."""
    a = await memory_nodes.start()
    letters = lost(a)
    a.system.send(PID("127.0.0.1:1", "x"), "lost")
    assert await stop_timed(memory_nodes, a) < 0.1
    assert [letter.message for letter in letters] == ["lost"]


async def test_a_connection_with_nothing_queued_is_not_waited_for(
    memory_nodes: Nodes,
) -> None:
    """The only message was withdrawn again, so nobody wants the handshake any more."""
    a, b = await far_apart(memory_nodes)
    probe = Probe(b.system)
    asked = asyncio.create_task(a.system.request(probe.pid, "?"))
    await asyncio.sleep(0)
    asked.cancel()
    assert await stop_timed(memory_nodes, a) == 0.0
