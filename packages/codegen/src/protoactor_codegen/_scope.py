"""What all files of a request declare, their imports included."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from google.protobuf.descriptor_pb2 import FileDescriptorProto

from protoactor_codegen._messages import MessageType, message_types
from protoactor_codegen._options import declares_grain_options

__all__ = ["Scope"]


@dataclass(frozen=True, slots=True)
class Scope:
    """Message types by full name, and whether method option 50000 is protoactor's."""

    types: Mapping[str, MessageType]
    grain_options: bool

    @classmethod
    def of(cls, files: Sequence[FileDescriptorProto]) -> Scope:
        return cls(message_types(files), declares_grain_options(files))
