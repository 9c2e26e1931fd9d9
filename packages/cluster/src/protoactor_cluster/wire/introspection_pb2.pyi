from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Member(_message.Message):
    __slots__ = ("id", "address", "kinds")
    ID_FIELD_NUMBER: _ClassVar[int]
    ADDRESS_FIELD_NUMBER: _ClassVar[int]
    KINDS_FIELD_NUMBER: _ClassVar[int]
    id: str
    address: str
    kinds: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, id: _Optional[str] = ..., address: _Optional[str] = ..., kinds: _Optional[_Iterable[str]] = ...) -> None: ...

class Topology(_message.Message):
    __slots__ = ("version", "hash", "age", "members")
    VERSION_FIELD_NUMBER: _ClassVar[int]
    HASH_FIELD_NUMBER: _ClassVar[int]
    AGE_FIELD_NUMBER: _ClassVar[int]
    MEMBERS_FIELD_NUMBER: _ClassVar[int]
    version: int
    hash: str
    age: float
    members: _containers.RepeatedCompositeFieldContainer[Member]
    def __init__(self, version: _Optional[int] = ..., hash: _Optional[str] = ..., age: _Optional[float] = ..., members: _Optional[_Iterable[_Union[Member, _Mapping]]] = ...) -> None: ...

class Trace(_message.Message):
    __slots__ = ("trace_id", "span_id")
    TRACE_ID_FIELD_NUMBER: _ClassVar[int]
    SPAN_ID_FIELD_NUMBER: _ClassVar[int]
    trace_id: str
    span_id: str
    def __init__(self, trace_id: _Optional[str] = ..., span_id: _Optional[str] = ...) -> None: ...

class ReportRequest(_message.Message):
    __slots__ = ("with_news", "events_after", "calls_after")
    WITH_NEWS_FIELD_NUMBER: _ClassVar[int]
    EVENTS_AFTER_FIELD_NUMBER: _ClassVar[int]
    CALLS_AFTER_FIELD_NUMBER: _ClassVar[int]
    with_news: bool
    events_after: int
    calls_after: int
    def __init__(self, with_news: bool = ..., events_after: _Optional[int] = ..., calls_after: _Optional[int] = ...) -> None: ...

class Report(_message.Message):
    __slots__ = ("member", "cluster", "lookup", "dialect", "topology", "uptime", "activations", "ready", "leaving", "settled", "quarantined", "suspected", "versions", "process_id", "host_name", "processes", "dead_letters", "cached_pids", "slow_call", "events", "slow_calls")
    class ActivationsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: int
        def __init__(self, key: _Optional[str] = ..., value: _Optional[int] = ...) -> None: ...
    class VersionsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    class DeadLettersEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: int
        def __init__(self, key: _Optional[str] = ..., value: _Optional[int] = ...) -> None: ...
    MEMBER_FIELD_NUMBER: _ClassVar[int]
    CLUSTER_FIELD_NUMBER: _ClassVar[int]
    LOOKUP_FIELD_NUMBER: _ClassVar[int]
    DIALECT_FIELD_NUMBER: _ClassVar[int]
    TOPOLOGY_FIELD_NUMBER: _ClassVar[int]
    UPTIME_FIELD_NUMBER: _ClassVar[int]
    ACTIVATIONS_FIELD_NUMBER: _ClassVar[int]
    READY_FIELD_NUMBER: _ClassVar[int]
    LEAVING_FIELD_NUMBER: _ClassVar[int]
    SETTLED_FIELD_NUMBER: _ClassVar[int]
    QUARANTINED_FIELD_NUMBER: _ClassVar[int]
    SUSPECTED_FIELD_NUMBER: _ClassVar[int]
    VERSIONS_FIELD_NUMBER: _ClassVar[int]
    PROCESS_ID_FIELD_NUMBER: _ClassVar[int]
    HOST_NAME_FIELD_NUMBER: _ClassVar[int]
    PROCESSES_FIELD_NUMBER: _ClassVar[int]
    DEAD_LETTERS_FIELD_NUMBER: _ClassVar[int]
    CACHED_PIDS_FIELD_NUMBER: _ClassVar[int]
    SLOW_CALL_FIELD_NUMBER: _ClassVar[int]
    EVENTS_FIELD_NUMBER: _ClassVar[int]
    SLOW_CALLS_FIELD_NUMBER: _ClassVar[int]
    member: Member
    cluster: str
    lookup: str
    dialect: str
    topology: Topology
    uptime: float
    activations: _containers.ScalarMap[str, int]
    ready: bool
    leaving: bool
    settled: bool
    quarantined: bool
    suspected: _containers.RepeatedScalarFieldContainer[str]
    versions: _containers.ScalarMap[str, str]
    process_id: int
    host_name: str
    processes: int
    dead_letters: _containers.ScalarMap[str, int]
    cached_pids: int
    slow_call: float
    events: _containers.RepeatedCompositeFieldContainer[Event]
    slow_calls: _containers.RepeatedCompositeFieldContainer[SlowCall]
    def __init__(self, member: _Optional[_Union[Member, _Mapping]] = ..., cluster: _Optional[str] = ..., lookup: _Optional[str] = ..., dialect: _Optional[str] = ..., topology: _Optional[_Union[Topology, _Mapping]] = ..., uptime: _Optional[float] = ..., activations: _Optional[_Mapping[str, int]] = ..., ready: bool = ..., leaving: bool = ..., settled: bool = ..., quarantined: bool = ..., suspected: _Optional[_Iterable[str]] = ..., versions: _Optional[_Mapping[str, str]] = ..., process_id: _Optional[int] = ..., host_name: _Optional[str] = ..., processes: _Optional[int] = ..., dead_letters: _Optional[_Mapping[str, int]] = ..., cached_pids: _Optional[int] = ..., slow_call: _Optional[float] = ..., events: _Optional[_Iterable[_Union[Event, _Mapping]]] = ..., slow_calls: _Optional[_Iterable[_Union[SlowCall, _Mapping]]] = ...) -> None: ...

class ActivationsRequest(_message.Message):
    __slots__ = ("kind", "contains", "after", "limit")
    KIND_FIELD_NUMBER: _ClassVar[int]
    CONTAINS_FIELD_NUMBER: _ClassVar[int]
    AFTER_FIELD_NUMBER: _ClassVar[int]
    LIMIT_FIELD_NUMBER: _ClassVar[int]
    kind: str
    contains: str
    after: int
    limit: int
    def __init__(self, kind: _Optional[str] = ..., contains: _Optional[str] = ..., after: _Optional[int] = ..., limit: _Optional[int] = ...) -> None: ...

class Activations(_message.Message):
    __slots__ = ("activations", "next")
    ACTIVATIONS_FIELD_NUMBER: _ClassVar[int]
    NEXT_FIELD_NUMBER: _ClassVar[int]
    activations: _containers.RepeatedCompositeFieldContainer[Activation]
    next: int
    def __init__(self, activations: _Optional[_Iterable[_Union[Activation, _Mapping]]] = ..., next: _Optional[int] = ...) -> None: ...

class Activation(_message.Message):
    __slots__ = ("kind", "name", "pid", "state", "age", "queued", "last_message", "idle", "topology_version", "topology_hash", "placed_by", "started_in")
    KIND_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    PID_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    AGE_FIELD_NUMBER: _ClassVar[int]
    QUEUED_FIELD_NUMBER: _ClassVar[int]
    LAST_MESSAGE_FIELD_NUMBER: _ClassVar[int]
    IDLE_FIELD_NUMBER: _ClassVar[int]
    TOPOLOGY_VERSION_FIELD_NUMBER: _ClassVar[int]
    TOPOLOGY_HASH_FIELD_NUMBER: _ClassVar[int]
    PLACED_BY_FIELD_NUMBER: _ClassVar[int]
    STARTED_IN_FIELD_NUMBER: _ClassVar[int]
    kind: str
    name: str
    pid: str
    state: str
    age: float
    queued: int
    last_message: str
    idle: float
    topology_version: int
    topology_hash: str
    placed_by: str
    started_in: Trace
    def __init__(self, kind: _Optional[str] = ..., name: _Optional[str] = ..., pid: _Optional[str] = ..., state: _Optional[str] = ..., age: _Optional[float] = ..., queued: _Optional[int] = ..., last_message: _Optional[str] = ..., idle: _Optional[float] = ..., topology_version: _Optional[int] = ..., topology_hash: _Optional[str] = ..., placed_by: _Optional[str] = ..., started_in: _Optional[_Union[Trace, _Mapping]] = ...) -> None: ...

class ExplainRequest(_message.Message):
    __slots__ = ("kind", "name")
    KIND_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    kind: str
    name: str
    def __init__(self, kind: _Optional[str] = ..., name: _Optional[str] = ...) -> None: ...

class Explanation(_message.Message):
    __slots__ = ("member_id", "address", "topology_version", "topology_hash", "lookup", "owner", "hosts_kind", "known_pid", "known_host", "cached_pid", "activation", "handing_over")
    MEMBER_ID_FIELD_NUMBER: _ClassVar[int]
    ADDRESS_FIELD_NUMBER: _ClassVar[int]
    TOPOLOGY_VERSION_FIELD_NUMBER: _ClassVar[int]
    TOPOLOGY_HASH_FIELD_NUMBER: _ClassVar[int]
    LOOKUP_FIELD_NUMBER: _ClassVar[int]
    OWNER_FIELD_NUMBER: _ClassVar[int]
    HOSTS_KIND_FIELD_NUMBER: _ClassVar[int]
    KNOWN_PID_FIELD_NUMBER: _ClassVar[int]
    KNOWN_HOST_FIELD_NUMBER: _ClassVar[int]
    CACHED_PID_FIELD_NUMBER: _ClassVar[int]
    ACTIVATION_FIELD_NUMBER: _ClassVar[int]
    HANDING_OVER_FIELD_NUMBER: _ClassVar[int]
    member_id: str
    address: str
    topology_version: int
    topology_hash: str
    lookup: str
    owner: str
    hosts_kind: bool
    known_pid: str
    known_host: str
    cached_pid: str
    activation: Activation
    handing_over: bool
    def __init__(self, member_id: _Optional[str] = ..., address: _Optional[str] = ..., topology_version: _Optional[int] = ..., topology_hash: _Optional[str] = ..., lookup: _Optional[str] = ..., owner: _Optional[str] = ..., hosts_kind: bool = ..., known_pid: _Optional[str] = ..., known_host: _Optional[str] = ..., cached_pid: _Optional[str] = ..., activation: _Optional[_Union[Activation, _Mapping]] = ..., handing_over: bool = ...) -> None: ...

class HistoryRequest(_message.Message):
    __slots__ = ("after",)
    AFTER_FIELD_NUMBER: _ClassVar[int]
    after: int
    def __init__(self, after: _Optional[int] = ...) -> None: ...

class History(_message.Message):
    __slots__ = ("events",)
    EVENTS_FIELD_NUMBER: _ClassVar[int]
    events: _containers.RepeatedCompositeFieldContainer[Event]
    def __init__(self, events: _Optional[_Iterable[_Union[Event, _Mapping]]] = ...) -> None: ...

class Event(_message.Message):
    __slots__ = ("number", "age", "what", "text", "topology_version", "topology_hash", "joined", "left", "duration", "activations", "trace")
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    AGE_FIELD_NUMBER: _ClassVar[int]
    WHAT_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    TOPOLOGY_VERSION_FIELD_NUMBER: _ClassVar[int]
    TOPOLOGY_HASH_FIELD_NUMBER: _ClassVar[int]
    JOINED_FIELD_NUMBER: _ClassVar[int]
    LEFT_FIELD_NUMBER: _ClassVar[int]
    DURATION_FIELD_NUMBER: _ClassVar[int]
    ACTIVATIONS_FIELD_NUMBER: _ClassVar[int]
    TRACE_FIELD_NUMBER: _ClassVar[int]
    number: int
    age: float
    what: str
    text: str
    topology_version: int
    topology_hash: str
    joined: _containers.RepeatedCompositeFieldContainer[Member]
    left: _containers.RepeatedCompositeFieldContainer[Member]
    duration: float
    activations: int
    trace: Trace
    def __init__(self, number: _Optional[int] = ..., age: _Optional[float] = ..., what: _Optional[str] = ..., text: _Optional[str] = ..., topology_version: _Optional[int] = ..., topology_hash: _Optional[str] = ..., joined: _Optional[_Iterable[_Union[Member, _Mapping]]] = ..., left: _Optional[_Iterable[_Union[Member, _Mapping]]] = ..., duration: _Optional[float] = ..., activations: _Optional[int] = ..., trace: _Optional[_Union[Trace, _Mapping]] = ...) -> None: ...

class SlowCallsRequest(_message.Message):
    __slots__ = ("after",)
    AFTER_FIELD_NUMBER: _ClassVar[int]
    after: int
    def __init__(self, after: _Optional[int] = ...) -> None: ...

class SlowCalls(_message.Message):
    __slots__ = ("calls",)
    CALLS_FIELD_NUMBER: _ClassVar[int]
    calls: _containers.RepeatedCompositeFieldContainer[SlowCall]
    def __init__(self, calls: _Optional[_Iterable[_Union[SlowCall, _Mapping]]] = ...) -> None: ...

class SlowCall(_message.Message):
    __slots__ = ("number", "age", "kind", "name", "method", "duration", "attempts", "outcome", "trace", "caller")
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    AGE_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    METHOD_FIELD_NUMBER: _ClassVar[int]
    DURATION_FIELD_NUMBER: _ClassVar[int]
    ATTEMPTS_FIELD_NUMBER: _ClassVar[int]
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    TRACE_FIELD_NUMBER: _ClassVar[int]
    CALLER_FIELD_NUMBER: _ClassVar[int]
    number: int
    age: float
    kind: str
    name: str
    method: str
    duration: float
    attempts: int
    outcome: str
    trace: Trace
    caller: str
    def __init__(self, number: _Optional[int] = ..., age: _Optional[float] = ..., kind: _Optional[str] = ..., name: _Optional[str] = ..., method: _Optional[str] = ..., duration: _Optional[float] = ..., attempts: _Optional[int] = ..., outcome: _Optional[str] = ..., trace: _Optional[_Union[Trace, _Mapping]] = ..., caller: _Optional[str] = ...) -> None: ...

class SpansRequest(_message.Message):
    __slots__ = ("trace_id",)
    TRACE_ID_FIELD_NUMBER: _ClassVar[int]
    trace_id: str
    def __init__(self, trace_id: _Optional[str] = ...) -> None: ...

class Spans(_message.Message):
    __slots__ = ("spans",)
    SPANS_FIELD_NUMBER: _ClassVar[int]
    spans: _containers.RepeatedCompositeFieldContainer[Span]
    def __init__(self, spans: _Optional[_Iterable[_Union[Span, _Mapping]]] = ...) -> None: ...

class Span(_message.Message):
    __slots__ = ("name", "span_id", "parent_id", "age", "duration", "error", "attributes", "address")
    class AttributesEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    NAME_FIELD_NUMBER: _ClassVar[int]
    SPAN_ID_FIELD_NUMBER: _ClassVar[int]
    PARENT_ID_FIELD_NUMBER: _ClassVar[int]
    AGE_FIELD_NUMBER: _ClassVar[int]
    DURATION_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    ATTRIBUTES_FIELD_NUMBER: _ClassVar[int]
    ADDRESS_FIELD_NUMBER: _ClassVar[int]
    name: str
    span_id: str
    parent_id: str
    age: float
    duration: float
    error: str
    attributes: _containers.ScalarMap[str, str]
    address: str
    def __init__(self, name: _Optional[str] = ..., span_id: _Optional[str] = ..., parent_id: _Optional[str] = ..., age: _Optional[float] = ..., duration: _Optional[float] = ..., error: _Optional[str] = ..., attributes: _Optional[_Mapping[str, str]] = ..., address: _Optional[str] = ...) -> None: ...

class LeaveRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class LeaveResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...
