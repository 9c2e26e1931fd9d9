"""The seam for formats: whose turn it is, and what a node announces."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from google.protobuf.wrappers_pb2 import StringValue

from protoactor import (
    PID,
    DeadLetterResponse,
    PluginNotFound,
    PoisonPill,
    RequestFailed,
    Terminated,
    TerminatedReason,
    Touch,
    Touched,
)
from protoactor.plugins import SERIALIZERS, load
from protoactor.spi import Stop, Unwatch, Watch
from protoactor_remote import (
    Encoder,
    JsonMessage,
    UnknownMessage,
    json_serializer,
    protobuf_serializer,
)
from protoactor_remote._core_messages import CoreMessages
from protoactor_remote._message import MessageTypes
from protoactor_remote._serialization import Serialization
from protoactor_remote._serializers import new_serialization
from protoactor_remote.serializer import Decoder

if TYPE_CHECKING:
    from .conftest import Nodes

HERE = "127.0.0.1:9000"


class Shouting:
    """Serializer 100: texts, in capitals."""

    id = 100
    priority = 1000

    def encoder(self, message_type: type) -> Encoder | None:
        if message_type is not str:
            return None
        return Encoder("shout", self._shout)

    @staticmethod
    def _shout(text: str) -> bytes:
        return text.upper().encode()

    def decoder(self, type_name: str) -> Decoder | None:
        return bytes.decode if type_name == "shout" else None


def serialization() -> Serialization:
    return new_serialization(CoreMessages(lambda: HERE), MessageTypes(), ())


def travel(value: object) -> object:
    ours = serialization()
    codec = ours.codec(type(value))
    name = codec.type_name if isinstance(codec.type_name, str) else ""
    return ours.decoder(codec.serializer_id, name)(codec.encode(value))


@pytest.mark.parametrize(
    "value",
    [
        Stop(),
        PoisonPill(),
        Touch(),
        Watch(PID("h:1", "a", 2)),
        Unwatch(PID("h:1", "a")),
        Touched(PID("h:1", "a")),
        *(Terminated(PID("h:1", "a"), why) for why in TerminatedReason),
        DeadLetterResponse(PID("h:1", "a"), "because"),
        DeadLetterResponse(None, "because"),
        RequestFailed("failed", PID("h:1", "a"), "ValueError", "why"),
        RequestFailed("stopped"),
        StringValue(value="x"),
    ],
)
def test_the_librarys_own_messages_travel(value: object) -> None:
    assert travel(value) == value


@pytest.mark.parametrize("address", ["nonhost", ""])
def test_trap_42_an_address_that_means_nothing_elsewhere_is_replaced(
    address: str,
) -> None:
    here, there = PID(address, "a"), PID(HERE, "a")
    assert travel(Watch(here)) == Watch(there)
    assert travel(Unwatch(here)) == Unwatch(there)
    assert travel(Touched(here)) == Touched(there)
    assert travel(Terminated(here)) == Terminated(there)
    assert travel(DeadLetterResponse(here)) == DeadLetterResponse(there)


async def test_a_serializer_of_your_own_is_used_between_nodes_that_have_it(
    nodes: Nodes,
) -> None:
    a = await nodes.start(serializers=[Shouting()])
    b = await nodes.start(serializers=[Shouting()])
    c = await nodes.start()
    heard, not_heard = b.probe(), c.probe()
    a.system.send(heard.pid, "hello")
    assert await heard.expect(str) == "HELLO"
    a.system.send(not_heard.pid, "hello")
    a.system.send(not_heard.pid, 1)
    assert await not_heard.expect(int) == 1
    known = a.remote.abilities_of(b.address)
    assert known is not None
    assert known.serializers == {64, 100}


async def test_json_goes_out_as_text_and_arrives_as_what_is_linked(
    nodes: Nodes,
) -> None:
    a, b = await nodes.start(), await nodes.start()
    probe = b.probe()
    a.system.send(probe.pid, JsonMessage("google.protobuf.StringValue", '"hi"'))
    assert await probe.expect(StringValue) == StringValue(value="hi")
    a.system.send(probe.pid, JsonMessage("no.Such", '{"a": 1}'))
    assert await probe.expect(JsonMessage) == JsonMessage("no.Such", '{"a": 1}')


def test_serializers_are_found_by_name() -> None:
    for name, id in (("protobuf", 0), ("json", 1), ("msgpack", 64)):
        assert load(SERIALIZERS, name).id == id  # type: ignore[attr-defined] # pyright: ignore
    core = CoreMessages(lambda: HERE)
    with pytest.raises(PluginNotFound, match="msgpack"):
        new_serialization(core, MessageTypes(), ["avro"])
    new_serialization(core, MessageTypes(), ["msgpack"])


def test_two_serializers_cannot_share_an_id() -> None:
    with pytest.raises(ValueError, match="id 1"):
        Serialization([json_serializer(), json_serializer()])


def test_types_are_never_imported_by_name() -> None:
    ours = serialization()
    for serializer_id, name in ((0, "os.system"), (64, "os.system"), (7, "x")):
        with pytest.raises(UnknownMessage):
            ours.decoder(serializer_id, name)


def test_a_class_without_a_format_is_explained() -> None:
    @dataclass
    class Stranger:
        pass

    with pytest.raises(UnknownMessage, match=r"messages=\[Stranger\]"):
        serialization().codec(Stranger)


def test_protobuf_alone_knows_only_what_is_linked() -> None:
    assert protobuf_serializer().decoder("google.protobuf.StringValue") is not None
    assert protobuf_serializer().decoder("google.protobuf.Nothing") is None
    assert protobuf_serializer().encoder(str) is None
