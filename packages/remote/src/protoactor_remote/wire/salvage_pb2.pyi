from protoactor.wire import actor_pb2 as _actor_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Frame(_message.Message):
    __slots__ = ("message_batch",)
    MESSAGE_BATCH_FIELD_NUMBER: _ClassVar[int]
    message_batch: Batch
    def __init__(self, message_batch: _Optional[_Union[Batch, _Mapping]] = ...) -> None: ...

class Batch(_message.Message):
    __slots__ = ("type_names", "targets", "envelopes", "senders")
    TYPE_NAMES_FIELD_NUMBER: _ClassVar[int]
    TARGETS_FIELD_NUMBER: _ClassVar[int]
    ENVELOPES_FIELD_NUMBER: _ClassVar[int]
    SENDERS_FIELD_NUMBER: _ClassVar[int]
    type_names: _containers.RepeatedScalarFieldContainer[bytes]
    targets: _containers.RepeatedScalarFieldContainer[bytes]
    envelopes: _containers.RepeatedScalarFieldContainer[bytes]
    senders: _containers.RepeatedScalarFieldContainer[bytes]
    def __init__(self, type_names: _Optional[_Iterable[bytes]] = ..., targets: _Optional[_Iterable[bytes]] = ..., envelopes: _Optional[_Iterable[bytes]] = ..., senders: _Optional[_Iterable[bytes]] = ...) -> None: ...

class DeadLetterResponse(_message.Message):
    __slots__ = ("Target", "reason")
    TARGET_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    Target: _actor_pb2.PID
    reason: str
    def __init__(self, Target: _Optional[_Union[_actor_pb2.PID, _Mapping]] = ..., reason: _Optional[str] = ...) -> None: ...
