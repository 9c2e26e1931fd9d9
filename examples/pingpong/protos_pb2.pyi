from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Optional as _Optional

DESCRIPTOR: _descriptor.FileDescriptor

class PingMessage(_message.Message):
    __slots__ = ("cnt",)
    CNT_FIELD_NUMBER: _ClassVar[int]
    cnt: int
    def __init__(self, cnt: _Optional[int] = ...) -> None: ...

class PongMessage(_message.Message):
    __slots__ = ("cnt",)
    CNT_FIELD_NUMBER: _ClassVar[int]
    cnt: int
    def __init__(self, cnt: _Optional[int] = ...) -> None: ...
