"""Whatever arrives: a message is lost at most, never the stream, the node or another."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from protoactor import ActorSystem
from protoactor.wire import actor_pb2
from protoactor_remote import Remote
from protoactor_remote._abilities import NO_ABILITIES
from protoactor_remote._handshake import connect_request
from protoactor_remote.memory import Network
from protoactor_remote.transport import Stream
from protoactor_remote.wire import remote_pb2, salvage_pb2
from protoactor_remote.wire.remote_pb2 import ActorPidRequest
from protoactor_testkit import Probe

NAMES = [
    "remote.ActorPidRequest",
    "actor.Watch",
    "actor.Unwatch",
    "actor.Terminated",
    "actor.Stop",
    "actor.Touch",
    "actor.PoisonPill",
    "actor.DeadLetterResponse",
    "protoactor.RequestFailed",
    "protoactor.Value",
    "no.Such",
    "",
]
VICTIM = "victim"
PATIENCE = 60.0
"""Seconds for a message that is under way; a busy machine takes its time."""


def some_pid(address: str, id: str) -> actor_pb2.PID:
    return actor_pb2.PID(Address=address, Id=id)


def request(name: str) -> bytes:
    return ActorPidRequest(name=name).SerializeToString()


def broken_text(text: bytes) -> bytes:
    return b"\x0a\x03" + text


def header(entries: dict[str, str]) -> bytes:
    return remote_pb2.MessageHeader(header_data=entries).SerializeToString()


def whole(
    type_names: list[str],
    targets: list[str],
    envelopes: list[remote_pb2.MessageEnvelope],
    senders: list[actor_pb2.PID],
) -> bytes:
    made = remote_pb2.MessageBatch(
        type_names=type_names, targets=targets, envelopes=envelopes, senders=senders
    )
    return remote_pb2.RemoteMessage(message_batch=made).SerializeToString()


def damaged(
    type_names: list[bytes],
    targets: list[bytes],
    envelopes: list[bytes],
    senders: list[bytes],
) -> bytes:
    made = salvage_pb2.Batch(
        type_names=type_names, targets=targets, envelopes=envelopes, senders=senders
    )
    return salvage_pb2.Frame(message_batch=made).SerializeToString()


def cut(frame: bytes, at: int) -> bytes:
    return frame[: at % (len(frame) + 1)]


def flipped(frame: bytes, at: int, bit: int) -> bytes:
    if not frame:
        return frame
    changed = bytearray(frame)
    changed[at % len(frame)] ^= 1 << bit
    return bytes(changed)


indexes = st.integers(-3, 6) | st.sampled_from([-(2**31), 2**31 - 1, 64, 1])
request_ids = st.integers(0, 2**32 - 1)
texts = st.sampled_from(["", "5", "-1", "9" * 40, "ä", "0"])
names = st.sampled_from(["protoactor-timeout-ms", "k", ""])
pids = st.builds(
    some_pid,
    st.sampled_from(["", "nonhost", "127.0.0.1:9", "nowhere", "\0"]),
    st.sampled_from(["", VICTIM, "activator", "ghost", "$1"]),
)
data = st.one_of(
    st.binary(max_size=30),
    st.builds(request, st.text()),
    st.builds(broken_text, st.binary(min_size=3, max_size=3)),
)
envelopes = st.builds(
    remote_pb2.MessageEnvelope,
    type_id=indexes,
    message_data=data,
    target=indexes,
    sender=indexes,
    serializer_id=st.sampled_from([0, 0, 0, 1, 64, 7, -1, 2**31 - 1]),
    message_header=st.one_of(
        st.just(b""),
        st.binary(max_size=20),
        st.builds(header, st.dictionaries(names, texts, max_size=2)),
    ),
    target_request_id=request_ids,
    sender_request_id=request_ids,
)
batches = st.builds(
    whole,
    st.lists(st.sampled_from(NAMES), max_size=5),
    st.lists(st.sampled_from([VICTIM, "ghost", "activator", ""]), max_size=4),
    st.lists(envelopes, max_size=8),
    st.lists(pids, max_size=3),
)
pieces = st.lists(st.binary(max_size=20), max_size=5)
frames = st.one_of(
    st.binary(max_size=60),
    batches,
    st.builds(damaged, pieces, pieces, pieces, pieces),
    st.builds(cut, batches, st.integers(0, 999)),
    st.builds(flipped, batches, st.integers(0, 999), st.integers(0, 7)),
)
ANYTHING_GOES = [
    HealthCheck.too_slow,
    HealthCheck.data_too_large,
    HealthCheck.large_base_example,
]


class Victim:
    """A node that is fed, and a probe on it that must go on receiving."""

    async def start(self) -> None:
        self.network = Network()
        self.system = await ActorSystem(dead_letter_logs=0).__aenter__()
        transport = self.network.transport()
        self.remote = await Remote(self.system, transport=transport).__aenter__()
        self.probe = Probe(self.system)
        self.stream = await self._dial()
        self.frames = 0

    async def feed(self, frames: list[bytes]) -> None:
        """Send frames, and after each a message that must arrive."""
        for sent in frames:
            await self.stream.write(sent)
            self.frames += 1
            sign = str(self.frames)
            await self.stream.write(self._message(sign))
            while (await self._next()).name != sign:
                pass
        assert self.remote._node.statistics.disconnected == 0
        assert len(self.remote._callers) == 1

    async def stop(self) -> None:
        await self.stream.close()
        await self.remote.__aexit__()
        await self.system.__aexit__()

    async def _next(self) -> ActorPidRequest:
        return await self.probe.expect(ActorPidRequest, timeout=PATIENCE)

    async def _dial(self) -> Stream:
        stream = await self.network.transport().connect(self.remote.address)
        hello = connect_request("fuzz", "127.0.0.1:9", (), NO_ABILITIES)
        await stream.write(hello)
        await stream.read()
        return stream

    def _message(self, sign: str) -> bytes:
        made = remote_pb2.MessageBatch(
            type_names=["remote.ActorPidRequest"],
            targets=[self.probe.pid.id],
            envelopes=[
                remote_pb2.MessageEnvelope(
                    message_data=ActorPidRequest(name=sign).SerializeToString()
                )
            ],
        )
        return remote_pb2.RemoteMessage(message_batch=made).SerializeToString()


@pytest.mark.filterwarnings("error")
def test_trap_51_no_input_breaks_the_stream_the_node_or_a_message(long: bool) -> None:
    errors: list[dict[str, Any]] = []
    with asyncio.Runner() as runner:
        runner.get_loop().set_exception_handler(lambda _, c: errors.append(c))
        victim = Victim()
        runner.run(victim.start())

        @settings(
            max_examples=100_000 if long else 2_000,
            deadline=None,
            database=None,
            suppress_health_check=ANYTHING_GOES,
        )
        @given(st.lists(frames, min_size=1, max_size=3))
        def feed(some: list[bytes]) -> None:
            runner.run(victim.feed(some))

        feed()
        runner.run(victim.stop())
    assert errors == []
    assert victim.frames >= 2_000


def test_no_first_frame_breaks_the_node(long: bool) -> None:
    with asyncio.Runner() as runner:
        victim = Victim()
        runner.run(victim.start())

        async def greet(first: bytes) -> None:
            stream = await victim.network.transport().connect(victim.remote.address)
            await stream.write(first)
            await stream.close()
            await victim.feed([])

        @settings(
            max_examples=5_000 if long else 300,
            deadline=None,
            database=None,
            suppress_health_check=ANYTHING_GOES,
        )
        @given(frames)
        def attack(first: bytes) -> None:
            runner.run(greet(first))

        attack()
        runner.run(victim.feed([b""]))
        runner.run(victim.stop())
