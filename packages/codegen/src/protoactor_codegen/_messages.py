"""Where the message types of a request live in Python."""

from __future__ import annotations

import keyword
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from google.protobuf.descriptor_pb2 import DescriptorProto, FileDescriptorProto

from protoactor_codegen._modules import module_alias, pb2_module

__all__ = ["MessageType", "message_types"]


@dataclass(frozen=True, slots=True, order=True)
class MessageType:
    """A message class: its module, and its name inside, outermost part first."""

    module: str
    path: tuple[str, ...]

    @property
    def speakable(self) -> bool:
        """False if a reserved word in its name keeps Python code from writing it."""
        parts = (*self.module.split("."), *self.path)
        return not any(map(keyword.iskeyword, parts))

    @property
    def expression(self) -> str:
        """How generated code refers to it."""
        separator = "." if self.speakable else "_dot_"
        return separator.join((module_alias(self.module), *self.path))


def message_types(files: Iterable[FileDescriptorProto]) -> dict[str, MessageType]:
    """Every message by the full name that methods use: `.package.Outer.Inner`."""
    types: dict[str, MessageType] = {}
    for file in files:
        package = f".{file.package}" if file.package else ""
        module = pb2_module(file.name)
        for path in _paths((), file.message_type):
            types[".".join((package, *path))] = MessageType(module, path)
    return types


def _paths(
    outer: tuple[str, ...], messages: Sequence[DescriptorProto]
) -> Iterator[tuple[str, ...]]:
    for message in messages:
        path = (*outer, message.name)
        yield path
        yield from _paths(path, message.nested_type)
