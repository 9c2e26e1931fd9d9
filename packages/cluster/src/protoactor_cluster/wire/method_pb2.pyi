from protoactor.wire import actor_pb2 as _actor_pb2
from protoactor_cluster.wire import grain_pb2 as _grain_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class MethodCall(_message.Message):
    __slots__ = ("method", "arguments")
    METHOD_FIELD_NUMBER: _ClassVar[int]
    ARGUMENTS_FIELD_NUMBER: _ClassVar[int]
    method: str
    arguments: bytes
    def __init__(self, method: _Optional[str] = ..., arguments: _Optional[bytes] = ...) -> None: ...

class MethodResult(_message.Message):
    __slots__ = ("value",)
    VALUE_FIELD_NUMBER: _ClassVar[int]
    value: bytes
    def __init__(self, value: _Optional[bytes] = ...) -> None: ...

class StreamChunk(_message.Message):
    __slots__ = ("pid", "stream_id", "values", "done", "error")
    PID_FIELD_NUMBER: _ClassVar[int]
    STREAM_ID_FIELD_NUMBER: _ClassVar[int]
    VALUES_FIELD_NUMBER: _ClassVar[int]
    DONE_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    pid: _actor_pb2.PID
    stream_id: str
    values: _containers.RepeatedScalarFieldContainer[bytes]
    done: bool
    error: _grain_pb2.GrainErrorResponse
    def __init__(self, pid: _Optional[_Union[_actor_pb2.PID, _Mapping]] = ..., stream_id: _Optional[str] = ..., values: _Optional[_Iterable[bytes]] = ..., done: bool = ..., error: _Optional[_Union[_grain_pb2.GrainErrorResponse, _Mapping]] = ...) -> None: ...

class StreamNext(_message.Message):
    __slots__ = ("stream_id",)
    STREAM_ID_FIELD_NUMBER: _ClassVar[int]
    stream_id: str
    def __init__(self, stream_id: _Optional[str] = ...) -> None: ...

class StreamCancel(_message.Message):
    __slots__ = ("stream_id",)
    STREAM_ID_FIELD_NUMBER: _ClassVar[int]
    stream_id: str
    def __init__(self, stream_id: _Optional[str] = ...) -> None: ...
