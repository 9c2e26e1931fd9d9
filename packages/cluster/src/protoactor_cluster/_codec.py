"""How arguments and results of Python grains become bytes: msgpack by msgspec."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

import msgspec
from google.protobuf.message import Message
from msgspec import inspect as shapes

__all__ = ["Codec", "struct_codec", "unsupported_types", "value_codec"]


def _encode_other(value: Any) -> object:
    """What msgspec does not know: protobuf messages and pydantic models."""
    if isinstance(value, Message):
        return value.SerializeToString()
    if hasattr(value, "model_dump_json"):
        return value.model_dump_json(by_alias=True, round_trip=True, warnings="error")
    raise TypeError(f"a {type(value).__qualname__} cannot be sent")


def _decode_other(wanted: Any, value: Any) -> object:
    if issubclass(wanted, Message):
        return wanted.FromString(value)
    return wanted.model_validate_json(value)


class Codec:
    """Encodes values of one type; both ways raise `ValueError` or `TypeError`.

    `msgspec.ValidationError` is a `ValueError` and names the place (`$.amount`).
    """

    def __init__(self, wanted: Any) -> None:
        self._encoder = msgspec.msgpack.Encoder(enc_hook=_encode_other)
        self._decoder = msgspec.msgpack.Decoder(wanted, dec_hook=_decode_other)

    def encode(self, value: object) -> bytes:
        """The bytes of a value; refuses one that the other side could not decode."""
        data = self._encoder.encode(value)
        self._decoder.decode(data)
        return data

    def decode(self, data: bytes) -> Any:
        return self._decoder.decode(data)


def value_codec(wanted: Any) -> Codec:
    """A codec for one type."""
    return Codec(wanted)


def struct_codec(name: str, fields: Mapping[str, Any], optional: set[str]) -> Codec:
    """A codec for a map by name; absent optional fields decode as `UNSET`."""
    definitions: list[Any] = [
        (field, msgspec.UnsetType | wanted, msgspec.UNSET)
        if field in optional
        else (field, wanted)
        for field, wanted in fields.items()
    ]
    return Codec(msgspec.defstruct(name, definitions, kw_only=True))


def unsupported_types(wanted: Any) -> Iterator[type]:
    """The classes within a type that have no wire form."""
    for found in _custom_types(shapes.type_info(wanted), set()):
        known: Any = found
        if not (issubclass(known, Message) or hasattr(known, "model_validate_json")):
            yield found


def _custom_types(shape: object, seen: set[int]) -> Iterator[type]:
    if id(shape) in seen:
        return
    if isinstance(shape, shapes.CustomType):
        yield shape.cls
    elif isinstance(shape, list | tuple):
        for part in cast("Sequence[object]", shape):
            yield from _custom_types(part, seen)
    elif isinstance(shape, msgspec.Struct):
        seen.add(id(shape))
        for field in shape.__struct_fields__:
            yield from _custom_types(getattr(shape, field), seen)
