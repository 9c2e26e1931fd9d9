"""The enum `ErrorReason`: reasons with which a grain refuses a call."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from google.protobuf.descriptor_pb2 import EnumDescriptorProto, FileDescriptorProto

from protoactor_codegen._comments import comments
from protoactor_codegen._names import python_name, refuse_twins, snake_case

__all__ = ["RESERVED", "Reason", "error_reasons"]

# What the functions of the generated module refer to.
RESERVED = frozenset(
    {"annotations", "attrgetter", "bool", "importlib", "isinstance", "rpc", "str"}
)

ENUM = FileDescriptorProto.ENUM_TYPE_FIELD_NUMBER
VALUE = EnumDescriptorProto.VALUE_FIELD_NUMBER


@dataclass(frozen=True, slots=True)
class Reason:
    """One value: it travels by its name in the .proto, as in protoactor-go."""

    value: str
    comment: str

    @property
    def constructor(self) -> str:
        return python_name(self.value, RESERVED)

    @property
    def tester(self) -> str:
        return f"is_{snake_case(self.value)}"


def error_reasons(file: FileDescriptorProto) -> list[Reason]:
    """The values of the file's `ErrorReason`, none if it declares no such enum."""
    reasons = list(_reasons(file))
    refuse_twins(
        (name, f"ErrorReason.{reason.value}")
        for reason in reasons
        for name in (reason.constructor, reason.tester)
    )
    return reasons


def _reasons(file: FileDescriptorProto) -> Iterator[Reason]:
    remarks = comments(file)
    for place, enum in enumerate(file.enum_type):
        if enum.name == "ErrorReason":
            for index, value in enumerate(enum.value):
                comment = remarks.get((ENUM, place, VALUE, index), "")
                yield Reason(value.name, comment)
