"""Which serializers a node has."""

from __future__ import annotations

from collections.abc import Iterable

from protoactor import LOCAL_ADDRESS
from protoactor.plugins import SERIALIZERS, load
from protoactor_remote._core_messages import CoreMessages
from protoactor_remote._json import JsonSerializer
from protoactor_remote._message import MessageTypes
from protoactor_remote._msgpack import MsgpackSerializer
from protoactor_remote._protobuf import ProtobufSerializer
from protoactor_remote._serialization import Serialization
from protoactor_remote.serializer import Serializer

__all__ = [
    "json_serializer",
    "msgpack_serializer",
    "new_serialization",
    "protobuf_serializer",
]


def new_serialization(
    core: CoreMessages, types: MessageTypes, more: Iterable[Serializer | str]
) -> Serialization:
    """The three that every node has, and `more`, which replace those of their id.

    A name stands for an installed plugin. Raises `PluginNotFound`.
    """
    chosen: dict[int, Serializer] = {}
    ours: list[Serializer] = [
        ProtobufSerializer(core),
        JsonSerializer(),
        MsgpackSerializer(types),
    ]
    for serializer in [*ours, *map(_load, more)]:
        chosen[serializer.id] = serializer
    return Serialization(chosen.values())


def _load(serializer: Serializer | str) -> Serializer:
    if isinstance(serializer, str):
        return load(SERIALIZERS, serializer)  # type: ignore[return-value]  # by contract
    return serializer


def protobuf_serializer(url: str = "") -> ProtobufSerializer:
    """Serializer 0, for use outside of a node."""
    return ProtobufSerializer(CoreMessages(lambda: LOCAL_ADDRESS))


def json_serializer(url: str = "") -> JsonSerializer:
    """Serializer 1."""
    return JsonSerializer()


def msgpack_serializer(url: str = "") -> MsgpackSerializer:
    """Serializer 64, with the classes that `@message` has named."""
    return MsgpackSerializer(MessageTypes())
