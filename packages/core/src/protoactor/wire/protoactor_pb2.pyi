from protoactor.wire import actor_pb2 as _actor_pb2
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class RequestFailed(_message.Message):
    __slots__ = ("outcome", "target", "error_type", "error")
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    TARGET_FIELD_NUMBER: _ClassVar[int]
    ERROR_TYPE_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    outcome: str
    target: _actor_pb2.PID
    error_type: str
    error: str
    def __init__(self, outcome: _Optional[str] = ..., target: _Optional[_Union[_actor_pb2.PID, _Mapping]] = ..., error_type: _Optional[str] = ..., error: _Optional[str] = ...) -> None: ...
