"""Serializer 64: Python messages as msgpack maps by field name, and plain values."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import msgspec

from protoactor_remote._message import MessageTypes
from protoactor_remote.errors import UnknownMessage
from protoactor_remote.serializer import Decoder, Encoder

__all__ = ["MSGPACK", "VALUE", "MsgpackSerializer"]

MSGPACK = 64
"""protoactor-go users append their own serializers from 2."""
VALUE = "protoactor.Value"
"""The name of what needs no class: a number, a text, a list of such."""
TUPLE = 1
"""Extension code: msgpack itself knows no tuples."""
_encode = msgspec.msgpack.Encoder().encode
SCALARS = frozenset((type(None), bool, int, float, str, bytes))
VALUES = frozenset((list, dict, tuple, datetime))


class MsgpackSerializer:
    """Unknown fields are ignored and missing ones take their default."""

    id = MSGPACK
    priority = 50

    def __init__(self, types: MessageTypes) -> None:
        self._types = types
        self._decoders: dict[type, Decoder] = {}

    def encoder(self, message_type: type) -> Encoder | None:
        if message_type in SCALARS:
            return Encoder(VALUE, _encode)
        if message_type in VALUES:
            return Encoder(VALUE, _encode_value)
        name = self._types.name_of(message_type)
        return Encoder(name, _encoder(message_type)) if name else None

    def decoder(self, type_name: str) -> Decoder | None:
        if type_name == VALUE:
            return _decode_value
        cls = self._types.find(type_name)
        if cls is None:
            return None
        decode = self._decoders.get(cls)
        if decode is None:
            decode = self._decoders[cls] = _decoder(cls)
        return decode


def _encoder(cls: type) -> Callable[[Any], bytes]:
    if hasattr(cls, "model_dump"):
        return lambda model: _encode(model.model_dump())
    return _encode


def _decoder(cls: Any) -> Decoder:
    if hasattr(cls, "model_validate"):
        return lambda data: cls.model_validate(msgspec.msgpack.decode(data))
    try:
        return msgspec.msgpack.Decoder(cls).decode
    except (NameError, TypeError) as error:
        raise UnknownMessage(
            f"{cls.__qualname__} cannot be decoded: {error}"
        ) from error


def _encode_value(value: Any) -> bytes:
    return _encode(_plain(value))


def _plain(value: Any) -> Any:
    """The value with tuples marked; refuses what would arrive as something else."""
    kind: type[Any] = value.__class__
    if kind in SCALARS:
        return value
    if kind is list:
        return list(map(_plain, value))
    if kind is dict:
        return dict(zip(map(_plain, value), map(_plain, value.values()), strict=True))
    if kind is tuple:
        parts = _encode(list(map(_plain, value)))
        return msgspec.msgpack.Ext(TUPLE, parts)
    if kind is datetime and value.tzinfo is not None:
        return value
    raise UnknownMessage(
        f"a {kind.__qualname__} inside a plain {VALUE} would lose its type: "
        "send it as the field of a message"
    )


def _extension(code: int, data: memoryview) -> object:
    if code != TUPLE:
        raise ValueError(f"unknown msgpack extension {code}")
    return tuple(msgspec.msgpack.decode(data, ext_hook=_extension))


_decode_value: Decoder = msgspec.msgpack.Decoder(ext_hook=_extension).decode
