"""Method options that change a contract."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from google.protobuf.descriptor_pb2 import (
    FieldDescriptorProto,
    FileDescriptorProto,
    MethodOptions,
)
from google.protobuf.empty_pb2 import Empty
from google.protobuf.message import Message
from google.protobuf.unknown_fields import UnknownFieldSet

__all__ = ["GrainOptions", "declares_grain_options", "grain_options"]

# Fields of wire/options.proto. Read as unknown fields: users compile their own copy
# of that file under any path, and elsewhere the number may mean something else.
METHOD_OPTIONS = 50000
REENTERABLE = 1
IDEMPOTENT = 1000
LENGTH_DELIMITED = 2


@dataclass(frozen=True, slots=True)
class GrainOptions:
    """`future` is absent: in Python every call can be awaited later."""

    reentrant: bool
    idempotent: bool


def declares_grain_options(files: Iterable[FileDescriptorProto]) -> bool:
    """Whether extension 50000 of these files is protoactor's."""
    return any(
        extension.number == METHOD_OPTIONS
        and extension.extendee == ".google.protobuf.MethodOptions"
        and extension.name == "method_options"
        and extension.type == FieldDescriptorProto.TYPE_MESSAGE
        for file in files
        for extension in file.extension
    )


def grain_options(options: MethodOptions, known: bool) -> GrainOptions:
    """Options of one method; extension 50000 counts only if it is `known` as ours."""
    fields = _method_options(options) if known else {}
    declared = options.idempotency_level != MethodOptions.IDEMPOTENCY_UNKNOWN
    return GrainOptions(
        reentrant=bool(fields.get(REENTERABLE)),
        idempotent=declared or bool(fields.get(IDEMPOTENT)),
    )


def _method_options(options: MethodOptions) -> dict[int, object]:
    found: dict[int, object] = {}
    for number, wire_type, data in _unknown_fields(options):
        if (number, wire_type) == (METHOD_OPTIONS, LENGTH_DELIMITED):
            inside = _unknown_fields(Empty.FromString(data))
            found.update((number, value) for number, _, value in inside)
    return found


def _unknown_fields(message: Message) -> Iterator[tuple[int, int, Any]]:
    fields = UnknownFieldSet(message)
    for place in range(len(fields)):
        field = fields[place]
        yield field.field_number, field.wire_type, field.data
