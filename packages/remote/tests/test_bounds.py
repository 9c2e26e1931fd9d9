"""What peers can make a node write or remember has bounds."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from protoactor import Actor, Context
from protoactor_remote import SpawnFailed
from protoactor_remote._abilities import NO_ABILITIES
from protoactor_remote._handshake import connect_request
from protoactor_remote.transport import StreamClosed
from protoactor_remote.wire import remote_pb2

if TYPE_CHECKING:
    from .conftest import FakePeer, Node, Nodes

pytestmark = pytest.mark.virtual_time
MANY = 2000


class Lines(logging.Handler):
    """How many lines remoting wrote."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0

    def emit(self, record: logging.LogRecord) -> None:
        self.count += 1


@pytest.fixture
def lines() -> Iterator[Lines]:
    counted, logger = Lines(), logging.getLogger("protoactor.remote")
    logger.addHandler(counted)
    yield counted
    logger.removeHandler(counted)


class Broken(Actor):
    def __init__(self) -> None:
        raise RuntimeError("cannot be made")

    def receive(self, context: Context) -> None:
        pass


def batch(type_name: str, serializer_id: int, target: str) -> bytes:
    envelope = remote_pb2.MessageEnvelope(
        message_data=b"{}", serializer_id=serializer_id
    )
    made = remote_pb2.MessageBatch(
        type_names=[type_name], targets=[target], envelopes=[envelope]
    )
    return remote_pb2.RemoteMessage(message_batch=made).SerializeToString()


async def send_all(peer: FakePeer, node: Node, frames: Iterator[bytes]) -> None:
    """Over one stream, to its end."""
    stream = await peer.dial(node.address)
    for frame in frames:
        await stream.write(frame)
    await stream.end()
    assert await stream.read() is None


async def test_bad_frames_are_logged_a_few_times_a_second(
    memory_nodes: Nodes, lines: Lines
) -> None:
    a, peer = await memory_nodes.start(), await memory_nodes.fake()
    await send_all(peer, a, (b"\xff" for _ in range(MANY)))
    await memory_nodes.stop(a)
    assert a.remote._node.statistics.bad_frames == MANY
    assert lines.count == 4


async def test_unknown_messages_are_logged_a_few_times_a_second(
    memory_nodes: Nodes, lines: Lines
) -> None:
    a, peer = await memory_nodes.start(), await memory_nodes.fake()
    await send_all(peer, a, (batch(f"no.Such{n}", 0, "x") for n in range(MANY)))
    await memory_nodes.stop(a)
    assert a.remote._node.statistics.bad_messages == MANY
    assert lines.count == 4


async def test_refused_peers_are_logged_a_few_times_a_second(
    memory_nodes: Nodes, lines: Lines
) -> None:
    a, transport = await memory_nodes.start(), memory_nodes.transport()
    a.remote.block_list.block("fake")
    for _ in range(MANY):
        stream = await transport.connect(a.address)
        await stream.write(connect_request("fake", "127.0.0.1:1", (), NO_ABILITIES))
        assert await stream.read() is not None
        with pytest.raises(StreamClosed):
            await stream.read()
        await stream.close()
    await memory_nodes.stop(a)
    assert a.remote._node.statistics.refused_handshakes == MANY
    assert lines.count == 4


@pytest.mark.parametrize("kind", ["ghost", "broken"])
async def test_spawns_that_fail_are_logged_a_few_times_a_second(
    memory_nodes: Nodes, lines: Lines, kind: str
) -> None:
    a, b = (
        await memory_nodes.start(),
        await memory_nodes.start(kinds={"broken": Broken}),
    )
    for _ in range(50):
        with pytest.raises(SpawnFailed):
            await a.remote.spawn(b.address, kind=kind)
    await memory_nodes.stop(b)
    assert lines.count == 4


async def test_made_up_type_names_are_not_remembered_one_by_one(
    memory_nodes: Nodes,
) -> None:
    """A JSON text may carry any name."""
    a, peer = await memory_nodes.start(), await memory_nodes.fake()
    probe = a.probe()
    frames = (batch(f"made.Up{n}", 1, probe.pid.id) for n in range(MANY))
    await send_all(peer, a, frames)
    received = a.remote._node.statistics.received
    assert received.total() == MANY
    assert len(received) < MANY
