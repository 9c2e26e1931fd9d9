from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Mapping as _Mapping, Optional as _Optional

DESCRIPTOR: _descriptor.FileDescriptor

class GrainRequest(_message.Message):
    __slots__ = ("method_index", "message_data", "message_type_name")
    METHOD_INDEX_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_DATA_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_TYPE_NAME_FIELD_NUMBER: _ClassVar[int]
    method_index: int
    message_data: bytes
    message_type_name: str
    def __init__(self, method_index: _Optional[int] = ..., message_data: _Optional[bytes] = ..., message_type_name: _Optional[str] = ...) -> None: ...

class GrainResponse(_message.Message):
    __slots__ = ("message_data", "message_type_name")
    MESSAGE_DATA_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_TYPE_NAME_FIELD_NUMBER: _ClassVar[int]
    message_data: bytes
    message_type_name: str
    def __init__(self, message_data: _Optional[bytes] = ..., message_type_name: _Optional[str] = ...) -> None: ...

class GrainErrorResponse(_message.Message):
    __slots__ = ("reason", "message", "metadata")
    class MetadataEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    REASON_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    METADATA_FIELD_NUMBER: _ClassVar[int]
    reason: str
    message: str
    metadata: _containers.ScalarMap[str, str]
    def __init__(self, reason: _Optional[str] = ..., message: _Optional[str] = ..., metadata: _Optional[_Mapping[str, str]] = ...) -> None: ...
