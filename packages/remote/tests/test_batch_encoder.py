"""Frames, byte for byte as protoactor-go writes them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from protoactor import PID, Envelope, Request, Touch
from protoactor._envelope import QUEUED, TAKEN, WITHDRAWN
from protoactor._system_messages import Watch
from protoactor.errors import ActorError, Expired
from protoactor_remote import Abilities, JsonMessage, UnknownMessage, message
from protoactor_remote._abilities import NO_ABILITIES
from protoactor_remote._batch_encoder import BatchEncoder, Item
from protoactor_remote._core_messages import CoreMessages
from protoactor_remote._headers import HeaderReader
from protoactor_remote._message import MessageTypes
from protoactor_remote._peer_types import PeerTypes
from protoactor_remote._serializers import new_serialization
from protoactor_remote.errors import MessageTooLarge
from protoactor_remote.wire import remote_pb2
from protoactor_remote.wire.remote_pb2 import ActorPidRequest

OWN = "127.0.0.1:9000"
ECHO = PID("127.0.0.1:8090", "echo")
PYTHON = Abilities.ours((), (64,))


@message("encoder.Greet")
@dataclass(frozen=True, slots=True)
class Greet(Request[str]):
    name: str


class Refused(list[tuple[PID, object, ActorError]]):
    def __call__(self, target: PID, item: object, error: ActorError) -> None:
        self.append((target, item, error))


def encoder(
    refused: Refused,
    abilities: Abilities = PYTHON,
    limit: int = 1 << 20,
    batch: int = 1000,
) -> BatchEncoder:
    core = CoreMessages(lambda: OWN)
    types = PeerTypes(new_serialization(core, MessageTypes(), ()), abilities, None)
    return BatchEncoder(OWN, types, refused, batch_size=batch, max_frame_bytes=limit)


def encode(*items: Item, **settings: Any) -> bytes:
    refused = Refused()
    frame, after = encoder(refused, **settings).encode(list(items), 0, 0.0)
    assert after == len(items)
    assert not refused
    return frame


def parse(frame: bytes) -> remote_pb2.MessageBatch:
    return remote_pb2.RemoteMessage.FromString(frame).message_batch


GOLDEN_TOUCH = (
    "0a330a0b6163746f722e546f75636812046563686f1a022001221a"
    "0a0e3132372e302e302e313a3930303012086675747572652431"
)
GOLDEN_WATCH = (
    "0a2f0a0b6163746f722e576174636812046563686f1a1a"
    "12160a140a0e3132372e302e302e313a39303030120224373805"
)


def test_trap_40_golden_vectors_of_a_batch() -> None:
    touch = (ECHO, Envelope(Touch(), PID(OWN, "future$1")))
    watch = (PID(ECHO.address, "echo", 5), Watch(PID(OWN, "$7")))
    assert encode(touch).hex() == GOLDEN_TOUCH
    assert encode(watch).hex() == GOLDEN_WATCH


def test_trap_40_no_sender_is_zero_and_the_first_sender_is_one() -> None:
    batch = parse(
        encode(
            (ECHO, Touch()),
            (ECHO, Envelope(Touch(), PID(OWN, "a"))),
            (PID(ECHO.address, "other"), Envelope(Touch(), PID(OWN, "b"))),
        )
    )
    assert [e.sender for e in batch.envelopes] == [0, 1, 2]
    assert [e.target for e in batch.envelopes] == [0, 0, 1]
    assert [pid.Id for pid in batch.senders] == ["a", "b"]
    assert list(batch.targets) == ["echo", "other"]


def test_trap_41_request_ids_do_not_split_or_change_interned_pids() -> None:
    items: list[Item] = [
        (PID("x:1", "f", n), Envelope(Touch(), PID(OWN, "me", 10 + n)))
        for n in range(3)
    ]
    batch = parse(encode(*items))
    assert list(batch.targets) == ["f"]
    assert [(p.Id, p.request_id) for p in batch.senders] == [("me", 0)]
    assert [e.target_request_id for e in batch.envelopes] == [0, 1, 2]
    assert [e.sender_request_id for e in batch.envelopes] == [10, 11, 12]


def test_trap_42_nonhost_becomes_the_own_address() -> None:
    batch = parse(
        encode(
            (ECHO, Envelope(Touch(), PID("nonhost", "a"))),
            (ECHO, Envelope(Touch(), PID("", "b"))),
            (ECHO, Envelope(Touch(), PID("elsewhere:1", "a"))),
            (ECHO, Watch(PID("nonhost", "a"))),
        )
    )
    senders = [(pid.Address, pid.Id) for pid in batch.senders]
    assert senders == [(OWN, "a"), (OWN, "b"), ("elsewhere:1", "a")]
    assert OWN.encode() in batch.envelopes[3].message_data


def test_a_withdrawn_request_is_left_out_and_others_are_taken() -> None:
    gone, there = Envelope(Touch()), Envelope(Touch())
    gone.state = WITHDRAWN
    assert len(parse(encode((ECHO, gone), (ECHO, there))).envelopes) == 1
    assert (gone.state, there.state) == (WITHDRAWN, TAKEN)


def test_an_expired_request_is_refused_and_stays_untaken() -> None:
    refused, late = Refused(), Envelope(Touch(), deadline=-1.0)
    frame, _ = encoder(refused).encode([(ECHO, late)], 0, 0.0)
    assert frame == b""
    assert isinstance(refused[0][2], Expired)
    assert late.state == QUEUED


def test_the_time_left_and_other_headers_travel() -> None:
    frame = encode(
        (ECHO, Envelope(Touch(), deadline=1.5)),
        (ECHO, Envelope(Touch(), headers={"a": "ä"}, deadline=2.0)),
        (ECHO, Envelope(Touch(), headers={"a": "b"})),
        (ECHO, Envelope(Touch(), headers={})),
    )
    read = HeaderReader().read
    first, second, third, fourth = (e.message_header for e in parse(frame).envelopes)
    assert read(first) == (None, 1.5)
    assert read(second) == ({"a": "ä"}, 2.0)
    assert read(third) == ({"a": "b"}, None)
    assert fourth == b""


def test_headers_that_changed_since_the_last_message_travel_as_they_are_now() -> None:
    make, headers, seen = encoder(Refused()), {"a": "1"}, list[object]()
    for value in ("1", "2", "2", "1"):
        headers["a"] = value
        item = Envelope(Touch(), headers=headers, deadline=1.0)
        (envelope,) = parse(make.encode([(ECHO, item)], 0, 0.0)[0]).envelopes
        seen.append(HeaderReader().read(envelope.message_header))
    assert seen == [({"a": value}, 1.0) for value in ("1", "2", "2", "1")]


def test_headers_that_repeat_are_read_alike_and_nobody_can_change_them() -> None:
    frame = encode((ECHO, Envelope(Touch(), headers={"a": "1"}, deadline=1.0)))
    reader, data = HeaderReader(), parse(frame).envelopes[0].message_header
    first, _ = reader.read(data)
    with pytest.raises(TypeError):
        first["a"] = "2"  # type: ignore[index]  # that is the point
    assert reader.known[data] == ({"a": "1"}, 1.0)


def test_what_others_send_as_headers_does_not_pile_up() -> None:
    reader = HeaderReader()
    for n in range(10_000):
        frame = encode((ECHO, Envelope(Touch(), headers={"a": str(n)})))
        reader.read(parse(frame).envelopes[0].message_header)
    long = encode((ECHO, Envelope(Touch(), headers={"a": "x" * 10_000})))
    reader.read(parse(long).envelopes[0].message_header)
    assert len(reader.known) <= 4096
    assert max(map(len, reader.known)) < 1000


def test_a_frame_ends_at_the_batch_size_and_the_rest_follows() -> None:
    refused = Refused()
    make = encoder(refused, batch=10)
    items: list[Item] = [(ECHO, Greet(str(n))) for n in range(25)]
    position, sizes = 0, list[int]()
    while position < len(items):
        frame, position = make.encode(items, position, 0.0)
        sizes.append(len(parse(frame).envelopes))
    assert sizes == [10, 10, 5]


def test_trap_52_no_frame_exceeds_the_limit_and_a_message_that_does_is_refused() -> (
    None
):
    refused = Refused()
    make = encoder(refused, limit=10_000)
    sizes = [4000, 4000, 4000, 20_000, 4000]
    items: list[Item] = [(ECHO, ActorPidRequest(name="x" * n)) for n in sizes]
    position, frames = 0, list[bytes]()
    while position < len(items):
        frame, position = make.encode(items, position, 0.0)
        frames.append(frame)
    assert [len(parse(frame).envelopes) for frame in frames] == [2, 2]
    assert all(len(frame) <= 10_000 for frame in frames)
    assert [(type(error), item) for _, item, error in refused] == [
        (MessageTooLarge, ActorPidRequest(name="x" * 20_000))
    ]


def test_trap_52_names_and_ids_count_towards_the_limit_of_a_frame() -> None:
    make, limit = encoder(Refused(), limit=20_000), 20_000
    items: list[Item] = [
        (
            PID(ECHO.address, f"{n}".rjust(150, "t")),
            Envelope(Touch(), PID(OWN, f"{n}".rjust(150, "s"))),
        )
        for n in range(1000)
    ]
    position, frames = 0, list[bytes]()
    while position < len(items):
        frame, position = make.encode(items, position, 0.0)
        frames.append(frame)
    assert max(map(len, frames)) <= limit
    assert sum(len(parse(frame).envelopes) for frame in frames) == 1000
    assert len(frames) < 30


def test_a_message_that_cannot_be_encoded_costs_only_itself() -> None:
    class Stranger:
        pass

    refused = Refused()
    items: list[Item] = [(ECHO, Touch()), (ECHO, Stranger()), (ECHO, Touch())]
    frame, _ = encoder(refused).encode(items, 0, 0.0)
    assert len(parse(frame).envelopes) == 2
    assert isinstance(refused[0][2], UnknownMessage)
    assert "@message" in str(refused[0][2])
    assert items[1] == (ECHO, None)


@pytest.mark.parametrize(
    "item",
    [
        (PID("h:1", "\ud800"), Touch()),
        (ECHO, Envelope(Touch(), PID("h:1", "\ud800"))),
        (ECHO, Envelope(Touch(), PID("\ud800:1", "x"))),
        (ECHO, Envelope(Touch(), headers={"k": "\ud800"})),
        (ECHO, JsonMessage("\ud800", "{}")),
        (ECHO, Greet("\ud800")),
        (ECHO, 2**70),
    ],
)
def test_what_is_no_text_costs_only_itself(item: Item) -> None:
    refused = Refused()
    items: list[Item] = [(ECHO, Greet("a")), item, (ECHO, Greet("b"))]
    frame, _ = encoder(refused).encode(items, 0, 0.0)
    assert len(refused) == 1
    batch = parse(frame)
    assert [e.message_data[-1:] for e in batch.envelopes] == [b"a", b"b"]
    strictly_valid(batch)


def test_trap_49_a_go_peer_gets_neither_python_messages_nor_our_own() -> None:
    from protoactor import RequestFailed

    refused = Refused()
    items: list[Item] = [(ECHO, Greet("Ann")), (ECHO, RequestFailed("failed"))]
    frame, _ = encoder(refused, NO_ABILITIES).encode(items, 0, 0.0)
    assert frame == b""
    assert [type(error) for *_, error in refused] == [UnknownMessage] * 2


def test_a_json_message_names_its_own_type() -> None:
    batch = parse(
        encode((ECHO, JsonMessage("a.B", "{}")), (ECHO, JsonMessage("c.D", "{}")))
    )
    assert list(batch.type_names) == ["a.B", "c.D"]
    assert [e.serializer_id for e in batch.envelopes] == [1, 1]


ids = st.text(min_size=1, max_size=300)
request_ids = st.one_of(st.just(0), st.integers(0, 2**32 - 1))
pids = st.builds(PID, st.sampled_from(["a:1", OWN, "nonhost", ""]), ids, request_ids)
payloads = st.one_of(
    st.builds(Greet, st.text(max_size=50)),
    st.builds(ActorPidRequest, name=st.text(max_size=20_000)),
    st.just(Touch()),
    st.builds(Watch, pids),
)
items = st.lists(
    st.tuples(
        pids,
        st.one_of(
            payloads,
            st.builds(
                Envelope,
                payloads,
                st.none() | pids,
                st.none() | st.dictionaries(st.text(), st.text(), max_size=3),
                st.none() | st.floats(0.001, 1e6),
            ),
        ),
    ),
    max_size=40,
)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(items)
def test_trap_49_what_is_written_is_what_protobuf_writes(items: list[Item]) -> None:
    refused = Refused()
    frame, after = encoder(refused).encode(items, 0, 0.0)
    assert after == len(items)
    message = remote_pb2.RemoteMessage.FromString(frame)
    assert message.SerializeToString(deterministic=True) == frame
    strictly_valid(message.message_batch)
    assert len(message.message_batch.envelopes) == len(items)


def strictly_valid(batch: remote_pb2.MessageBatch) -> None:
    """What a peer that trusts us relies on."""
    for envelope in batch.envelopes:
        assert 0 <= envelope.type_id < len(batch.type_names)
        assert 0 <= envelope.target < len(batch.targets)
        assert 0 <= envelope.sender <= len(batch.senders)
        assert envelope.serializer_id in (0, 1, 64)
    for sender in batch.senders:
        assert sender.Address not in ("", "nonhost")
        assert sender.request_id == 0


@pytest.mark.parametrize("serializers", [(), (64,)])
def test_a_serializer_is_used_only_for_peers_that_announce_it(
    serializers: tuple[int, ...],
) -> None:
    refused = Refused()
    make = encoder(refused, Abilities.ours((), serializers))
    make.encode([(ECHO, "plain text")], 0, 0.0)
    assert bool(refused) is (serializers == ())
