"""A call and its result, as they are made; they arrive as the protobuf messages.

To make and to write a protobuf message costs three times as much, twice per call.
"""

from __future__ import annotations

from typing import ClassVar, TypeAlias

import msgspec

from protoactor_cluster.wire import method_pb2
from protoactor_remote import Encoder

__all__ = ["AnyCall", "MethodCall", "MethodResult"]

ONE_BYTE = 0x80
"""Lengths below this are written in one byte."""


class MethodCall(msgspec.Struct, gc=False):
    """As `method_pb2.MethodCall`."""

    method: str
    arguments: bytes
    prefix: bytes
    """The method, as it is written: the same for every call."""

    __protobuf_encoder__: ClassVar[Encoder]

    def encode(self) -> bytes:
        arguments = self.arguments
        size = len(arguments)
        if size < ONE_BYTE:
            return b"%b\x12%c%b" % (self.prefix, size, arguments)
        rest = method_pb2.MethodCall(arguments=arguments)
        return self.prefix + rest.SerializeToString()


class MethodResult(msgspec.Struct, gc=False):
    """As `method_pb2.MethodResult`."""

    value: bytes

    __protobuf_encoder__: ClassVar[Encoder]

    def encode(self) -> bytes:
        value = self.value
        size = len(value)
        if size < ONE_BYTE:
            return b"\x0a%c%b" % (size, value)
        return method_pb2.MethodResult(value=value).SerializeToString()


MethodCall.__protobuf_encoder__ = Encoder("protoactor.MethodCall", MethodCall.encode)
MethodResult.__protobuf_encoder__ = Encoder(
    "protoactor.MethodResult", MethodResult.encode
)

AnyCall: TypeAlias = MethodCall | method_pb2.MethodCall
