from google.protobuf import any_pb2 as _any_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class GossipKeyValue(_message.Message):
    __slots__ = ("sequence_number", "value", "local_timestamp_unix_milliseconds")
    SEQUENCE_NUMBER_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    LOCAL_TIMESTAMP_UNIX_MILLISECONDS_FIELD_NUMBER: _ClassVar[int]
    sequence_number: int
    value: _any_pb2.Any
    local_timestamp_unix_milliseconds: int
    def __init__(self, sequence_number: _Optional[int] = ..., value: _Optional[_Union[_any_pb2.Any, _Mapping]] = ..., local_timestamp_unix_milliseconds: _Optional[int] = ...) -> None: ...

class GossipState(_message.Message):
    __slots__ = ("members",)
    class GossipMemberState(_message.Message):
        __slots__ = ("values",)
        class ValuesEntry(_message.Message):
            __slots__ = ("key", "value")
            KEY_FIELD_NUMBER: _ClassVar[int]
            VALUE_FIELD_NUMBER: _ClassVar[int]
            key: str
            value: GossipKeyValue
            def __init__(self, key: _Optional[str] = ..., value: _Optional[_Union[GossipKeyValue, _Mapping]] = ...) -> None: ...
        VALUES_FIELD_NUMBER: _ClassVar[int]
        values: _containers.MessageMap[str, GossipKeyValue]
        def __init__(self, values: _Optional[_Mapping[str, GossipKeyValue]] = ...) -> None: ...
    class MembersEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: GossipState.GossipMemberState
        def __init__(self, key: _Optional[str] = ..., value: _Optional[_Union[GossipState.GossipMemberState, _Mapping]] = ...) -> None: ...
    MEMBERS_FIELD_NUMBER: _ClassVar[int]
    members: _containers.MessageMap[str, GossipState.GossipMemberState]
    def __init__(self, members: _Optional[_Mapping[str, GossipState.GossipMemberState]] = ...) -> None: ...

class GossipRequest(_message.Message):
    __slots__ = ("state", "member_id")
    STATE_FIELD_NUMBER: _ClassVar[int]
    MEMBER_ID_FIELD_NUMBER: _ClassVar[int]
    state: GossipState
    member_id: str
    def __init__(self, state: _Optional[_Union[GossipState, _Mapping]] = ..., member_id: _Optional[str] = ...) -> None: ...

class GossipResponse(_message.Message):
    __slots__ = ("state", "rejected")
    STATE_FIELD_NUMBER: _ClassVar[int]
    REJECTED_FIELD_NUMBER: _ClassVar[int]
    state: GossipState
    rejected: bool
    def __init__(self, state: _Optional[_Union[GossipState, _Mapping]] = ..., rejected: bool = ...) -> None: ...
