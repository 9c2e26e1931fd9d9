from google.protobuf import descriptor_pb2 as _descriptor_pb2
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Optional as _Optional

DESCRIPTOR: _descriptor.FileDescriptor
METHOD_OPTIONS_FIELD_NUMBER: _ClassVar[int]
method_options: _descriptor.FieldDescriptor

class MethodOptions(_message.Message):
    __slots__ = ("reenterable", "future", "idempotent")
    REENTERABLE_FIELD_NUMBER: _ClassVar[int]
    FUTURE_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENT_FIELD_NUMBER: _ClassVar[int]
    reenterable: bool
    future: bool
    idempotent: bool
    def __init__(self, reenterable: bool = ..., future: bool = ..., idempotent: bool = ...) -> None: ...
