"""How arguments and results of Python grains become bytes: msgpack by msgspec."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NotRequired, TypedDict, cast

import msgspec
from google.protobuf.message import Message
from msgspec import inspect as shapes

__all__ = ["ArgumentsCodec", "Codec", "unsupported_types"]


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


SCALARS = (str, bytes, bool, int, float)


class Codec:
    """Encodes values of one type; both ways raise `ValueError` or `TypeError`.

    `msgspec.ValidationError` is a `ValueError` and names the place (`$.amount`).
    Whether a value is one of the type shows only when it is decoded again.
    """

    def __init__(self, wanted: Any) -> None:
        self.encode: Callable[[object], bytes] = msgspec.msgpack.Encoder(
            enc_hook=_encode_other
        ).encode
        self.decode: Callable[[bytes], Any] = msgspec.msgpack.Decoder(
            wanted, dec_hook=_decode_other
        ).decode
        self.exact: type[Any] | None = _exact(wanted)
        """The type, if whatever has it is right; nothing else is told without decoding."""


class ArgumentsCodec(Codec):
    """Encodes what `bind` makes of the arguments of a call: a map by parameter name.

    Decoded it is a dict of those that were given and are known.
    """

    def __init__(
        self, name: str, parameters: Mapping[str, Any], optional: frozenset[str]
    ) -> None:
        wanted = {
            field: NotRequired[hint] if field in optional else hint
            for field, hint in parameters.items()
        }
        super().__init__(TypedDict(name, wanted))  # type: ignore[operator]  # pyright: ignore[reportArgumentType, reportGeneralTypeIssues]
        fields = [(field, Any, msgspec.UNSET) for field in parameters]
        self.bind: Callable[..., object] = msgspec.defstruct(name, fields)
        """Nothing in Python binds as fast as the constructor of a struct."""
        self.exact = _exact(*parameters.values()) if len(parameters) == 1 else None


def _exact(wanted: Any) -> type[Any] | None:
    """The type, if decoding again could find nothing wrong with an instance of it."""
    return next((scalar for scalar in SCALARS if wanted is scalar), None)


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
