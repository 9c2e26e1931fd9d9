"""Whatever arrives: a message is lost at most, never the stream, the node or another."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from protoactor import ActorSystem
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
small = st.integers(-3, 6)
big = st.sampled_from([-(2**31), 2**31 - 1, 64, 1])
pid = st.builds(
    dict,
    Address=st.sampled_from(["", "nonhost", "127.0.0.1:9", "nowhere", "\0"]),
    Id=st.sampled_from(["", VICTIM, "activator", "ghost", "$1"]),
)
data = st.one_of(
    st.binary(max_size=30),
    st.builds(lambda name: ActorPidRequest(name=name).SerializeToString(), st.text()),
    st.builds(lambda p: b"\x0a\x03" + bytes(p), st.binary(min_size=3, max_size=3)),
)
envelope = st.builds(
    remote_pb2.MessageEnvelope,
    type_id=small | big,
    message_data=data,
    target=small | big,
    sender=small | big,
    serializer_id=st.sampled_from([0, 0, 0, 1, 64, 7, -1, 2**31 - 1]),
    message_header=st.one_of(
        st.just(b""),
        st.binary(max_size=20),
        st.builds(
            lambda h: remote_pb2.MessageHeader(header_data=h).SerializeToString(),
            st.dictionaries(
                st.sampled_from(["protoactor-timeout-ms", "k", ""]),
                st.sampled_from(["", "5", "-1", "9" * 40, "ä", "0"]),
                max_size=2,
            ),
        ),
    ),
    target_request_id=st.integers(0, 2**32 - 1),
    sender_request_id=st.integers(0, 2**32 - 1),
)
batch = st.builds(
    lambda **fields: remote_pb2.RemoteMessage(
        message_batch=remote_pb2.MessageBatch(**fields)
    ).SerializeToString(),
    type_names=st.lists(st.sampled_from(NAMES), max_size=5),
    targets=st.lists(st.sampled_from([VICTIM, "ghost", "activator", ""]), max_size=4),
    envelopes=st.lists(envelope, max_size=8),
    senders=st.lists(pid, max_size=3),
)
damaged = st.builds(
    lambda **fields: salvage_pb2.Frame(
        message_batch=salvage_pb2.Batch(**fields)
    ).SerializeToString(),
    type_names=st.lists(st.binary(max_size=8), max_size=3),
    targets=st.lists(st.binary(max_size=8), max_size=3),
    envelopes=st.lists(st.binary(max_size=20), max_size=5),
    senders=st.lists(st.binary(max_size=8), max_size=3),
)
cut = st.builds(
    lambda frame, n: frame[: n % (len(frame) + 1)], batch, st.integers(0, 999)
)
flipped = st.builds(
    lambda frame, n, bit: bytes(
        byte ^ (1 << bit) if i == n % max(len(frame), 1) else byte
        for i, byte in enumerate(frame)
    ),
    batch,
    st.integers(0, 999),
    st.integers(0, 7),
)
frame = st.one_of(st.binary(max_size=60), batch, damaged, cut, flipped)


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
            while (await self.probe.expect(ActorPidRequest)).name != sign:
                pass
        assert self.remote._node.statistics.disconnected == 0
        assert len(self.remote._callers) == 1

    async def stop(self) -> None:
        await self.stream.close()
        await self.remote.__aexit__()
        await self.system.__aexit__()

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
            suppress_health_check=list(HealthCheck),
        )
        @given(st.lists(frame, min_size=1, max_size=3))
        def feed(frames: list[bytes]) -> None:
            runner.run(victim.feed(frames))

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
            suppress_health_check=list(HealthCheck),
        )
        @given(frame)
        def attack(first: bytes) -> None:
            runner.run(greet(first))

        attack()
        runner.run(victim.feed([b""]))
        runner.run(victim.stop())
