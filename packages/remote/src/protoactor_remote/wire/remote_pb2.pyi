from protoactor.wire import actor_pb2 as _actor_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ListProcessesMatchType(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    MatchPartOfString: _ClassVar[ListProcessesMatchType]
    MatchExactString: _ClassVar[ListProcessesMatchType]
    MatchRegex: _ClassVar[ListProcessesMatchType]
MatchPartOfString: ListProcessesMatchType
MatchExactString: ListProcessesMatchType
MatchRegex: ListProcessesMatchType

class RemoteMessage(_message.Message):
    __slots__ = ("message_batch", "connect_request", "connect_response", "disconnect_request")
    MESSAGE_BATCH_FIELD_NUMBER: _ClassVar[int]
    CONNECT_REQUEST_FIELD_NUMBER: _ClassVar[int]
    CONNECT_RESPONSE_FIELD_NUMBER: _ClassVar[int]
    DISCONNECT_REQUEST_FIELD_NUMBER: _ClassVar[int]
    message_batch: MessageBatch
    connect_request: ConnectRequest
    connect_response: ConnectResponse
    disconnect_request: DisconnectRequest
    def __init__(self, message_batch: _Optional[_Union[MessageBatch, _Mapping]] = ..., connect_request: _Optional[_Union[ConnectRequest, _Mapping]] = ..., connect_response: _Optional[_Union[ConnectResponse, _Mapping]] = ..., disconnect_request: _Optional[_Union[DisconnectRequest, _Mapping]] = ...) -> None: ...

class MessageBatch(_message.Message):
    __slots__ = ("type_names", "targets", "envelopes", "senders")
    TYPE_NAMES_FIELD_NUMBER: _ClassVar[int]
    TARGETS_FIELD_NUMBER: _ClassVar[int]
    ENVELOPES_FIELD_NUMBER: _ClassVar[int]
    SENDERS_FIELD_NUMBER: _ClassVar[int]
    type_names: _containers.RepeatedScalarFieldContainer[str]
    targets: _containers.RepeatedScalarFieldContainer[str]
    envelopes: _containers.RepeatedCompositeFieldContainer[MessageEnvelope]
    senders: _containers.RepeatedCompositeFieldContainer[_actor_pb2.PID]
    def __init__(self, type_names: _Optional[_Iterable[str]] = ..., targets: _Optional[_Iterable[str]] = ..., envelopes: _Optional[_Iterable[_Union[MessageEnvelope, _Mapping]]] = ..., senders: _Optional[_Iterable[_Union[_actor_pb2.PID, _Mapping]]] = ...) -> None: ...

class MessageEnvelope(_message.Message):
    __slots__ = ("type_id", "message_data", "target", "sender", "serializer_id", "message_header", "target_request_id", "sender_request_id")
    TYPE_ID_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_DATA_FIELD_NUMBER: _ClassVar[int]
    TARGET_FIELD_NUMBER: _ClassVar[int]
    SENDER_FIELD_NUMBER: _ClassVar[int]
    SERIALIZER_ID_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_HEADER_FIELD_NUMBER: _ClassVar[int]
    TARGET_REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    SENDER_REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    type_id: int
    message_data: bytes
    target: int
    sender: int
    serializer_id: int
    message_header: bytes
    target_request_id: int
    sender_request_id: int
    def __init__(self, type_id: _Optional[int] = ..., message_data: _Optional[bytes] = ..., target: _Optional[int] = ..., sender: _Optional[int] = ..., serializer_id: _Optional[int] = ..., message_header: _Optional[bytes] = ..., target_request_id: _Optional[int] = ..., sender_request_id: _Optional[int] = ...) -> None: ...

class MessageHeader(_message.Message):
    __slots__ = ("header_data",)
    class HeaderDataEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    HEADER_DATA_FIELD_NUMBER: _ClassVar[int]
    header_data: _containers.ScalarMap[str, str]
    def __init__(self, header_data: _Optional[_Mapping[str, str]] = ...) -> None: ...

class ConnectRequest(_message.Message):
    __slots__ = ("client_connection", "server_connection", "abilities")
    CLIENT_CONNECTION_FIELD_NUMBER: _ClassVar[int]
    SERVER_CONNECTION_FIELD_NUMBER: _ClassVar[int]
    ABILITIES_FIELD_NUMBER: _ClassVar[int]
    client_connection: ClientConnection
    server_connection: ServerConnection
    abilities: Abilities
    def __init__(self, client_connection: _Optional[_Union[ClientConnection, _Mapping]] = ..., server_connection: _Optional[_Union[ServerConnection, _Mapping]] = ..., abilities: _Optional[_Union[Abilities, _Mapping]] = ...) -> None: ...

class ConnectResponse(_message.Message):
    __slots__ = ("member_id", "blocked", "abilities")
    MEMBER_ID_FIELD_NUMBER: _ClassVar[int]
    BLOCKED_FIELD_NUMBER: _ClassVar[int]
    ABILITIES_FIELD_NUMBER: _ClassVar[int]
    member_id: str
    blocked: bool
    abilities: Abilities
    def __init__(self, member_id: _Optional[str] = ..., blocked: bool = ..., abilities: _Optional[_Union[Abilities, _Mapping]] = ...) -> None: ...

class DisconnectRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ClientConnection(_message.Message):
    __slots__ = ("member_id",)
    MEMBER_ID_FIELD_NUMBER: _ClassVar[int]
    member_id: str
    def __init__(self, member_id: _Optional[str] = ...) -> None: ...

class ServerConnection(_message.Message):
    __slots__ = ("member_id", "address", "block_list")
    MEMBER_ID_FIELD_NUMBER: _ClassVar[int]
    ADDRESS_FIELD_NUMBER: _ClassVar[int]
    BLOCK_LIST_FIELD_NUMBER: _ClassVar[int]
    member_id: str
    address: str
    block_list: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, member_id: _Optional[str] = ..., address: _Optional[str] = ..., block_list: _Optional[_Iterable[str]] = ...) -> None: ...

class Abilities(_message.Message):
    __slots__ = ("names", "serializers")
    NAMES_FIELD_NUMBER: _ClassVar[int]
    SERIALIZERS_FIELD_NUMBER: _ClassVar[int]
    names: _containers.RepeatedScalarFieldContainer[str]
    serializers: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, names: _Optional[_Iterable[str]] = ..., serializers: _Optional[_Iterable[int]] = ...) -> None: ...

class ActorPidRequest(_message.Message):
    __slots__ = ("name", "kind")
    NAME_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    name: str
    kind: str
    def __init__(self, name: _Optional[str] = ..., kind: _Optional[str] = ...) -> None: ...

class ActorPidResponse(_message.Message):
    __slots__ = ("pid", "status_code")
    PID_FIELD_NUMBER: _ClassVar[int]
    STATUS_CODE_FIELD_NUMBER: _ClassVar[int]
    pid: _actor_pb2.PID
    status_code: int
    def __init__(self, pid: _Optional[_Union[_actor_pb2.PID, _Mapping]] = ..., status_code: _Optional[int] = ...) -> None: ...

class ListProcessesRequest(_message.Message):
    __slots__ = ("pattern", "type")
    PATTERN_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    pattern: str
    type: ListProcessesMatchType
    def __init__(self, pattern: _Optional[str] = ..., type: _Optional[_Union[ListProcessesMatchType, str]] = ...) -> None: ...

class ListProcessesResponse(_message.Message):
    __slots__ = ("pids",)
    PIDS_FIELD_NUMBER: _ClassVar[int]
    pids: _containers.RepeatedCompositeFieldContainer[_actor_pb2.PID]
    def __init__(self, pids: _Optional[_Iterable[_Union[_actor_pb2.PID, _Mapping]]] = ...) -> None: ...

class GetProcessDiagnosticsRequest(_message.Message):
    __slots__ = ("pid",)
    PID_FIELD_NUMBER: _ClassVar[int]
    pid: _actor_pb2.PID
    def __init__(self, pid: _Optional[_Union[_actor_pb2.PID, _Mapping]] = ...) -> None: ...

class GetProcessDiagnosticsResponse(_message.Message):
    __slots__ = ("diagnostics_string",)
    DIAGNOSTICS_STRING_FIELD_NUMBER: _ClassVar[int]
    diagnostics_string: str
    def __init__(self, diagnostics_string: _Optional[str] = ...) -> None: ...
