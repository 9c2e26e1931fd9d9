"""Serializer 0: protobuf messages, and the library's own messages."""

from __future__ import annotations

from google.protobuf import descriptor_pool, message_factory
from google.protobuf.message import Message

from protoactor.wire import POOL
from protoactor_remote._core_messages import CoreMessages
from protoactor_remote.serializer import Decoder, Encoder

__all__ = ["ProtobufSerializer"]


class ProtobufSerializer:
    """Finds types in the program's descriptor pool; nothing is imported by name.

    A class may write its protobuf form itself: `__protobuf_encoder__` says how.
    """

    id = 0
    priority = 100

    def __init__(self, core: CoreMessages) -> None:
        self._core = core
        self._known: dict[str, Decoder] = {}

    def encoder(self, message_type: type) -> Encoder | None:
        if core := self._core.encoder(message_type):
            return core
        own = getattr(message_type, "__protobuf_encoder__", None)
        if isinstance(own, Encoder):
            return own
        if not issubclass(message_type, Message):
            return None
        name = message_type.DESCRIPTOR.full_name
        return Encoder(name, message_type.SerializeToString)

    def decoder(self, type_name: str) -> Decoder | None:
        decode = self._known.get(type_name)
        if decode is None:
            decode = self._core.decoder(type_name) or _linked(type_name)
            if decode is not None:
                self._known[type_name] = decode
        return decode


def _linked(type_name: str) -> Decoder | None:
    for pool in (POOL, descriptor_pool.Default()):
        try:
            descriptor = pool.FindMessageTypeByName(type_name)
        except KeyError:
            continue
        decode: Decoder = message_factory.GetMessageClass(descriptor).FromString
        return decode
    return None
