from protoactor.wire import actor_pb2 as _actor_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ActivationRefusal(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    NOT_REFUSED: _ClassVar[ActivationRefusal]
    STALE_TOPOLOGY: _ClassVar[ActivationRefusal]
    NOT_OWNER: _ClassVar[ActivationRefusal]
    LEAVING: _ClassVar[ActivationRefusal]
    UNKNOWN_KIND: _ClassVar[ActivationRefusal]
    START_FAILED: _ClassVar[ActivationRefusal]
    NOT_ACTIVE: _ClassVar[ActivationRefusal]
NOT_REFUSED: ActivationRefusal
STALE_TOPOLOGY: ActivationRefusal
NOT_OWNER: ActivationRefusal
LEAVING: ActivationRefusal
UNKNOWN_KIND: ActivationRefusal
START_FAILED: ActivationRefusal
NOT_ACTIVE: ActivationRefusal

class ClusterIdentity(_message.Message):
    __slots__ = ("identity", "kind")
    IDENTITY_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    identity: str
    kind: str
    def __init__(self, identity: _Optional[str] = ..., kind: _Optional[str] = ...) -> None: ...

class Activation(_message.Message):
    __slots__ = ("pid", "cluster_identity")
    PID_FIELD_NUMBER: _ClassVar[int]
    CLUSTER_IDENTITY_FIELD_NUMBER: _ClassVar[int]
    pid: _actor_pb2.PID
    cluster_identity: ClusterIdentity
    def __init__(self, pid: _Optional[_Union[_actor_pb2.PID, _Mapping]] = ..., cluster_identity: _Optional[_Union[ClusterIdentity, _Mapping]] = ...) -> None: ...

class ActivationTerminating(_message.Message):
    __slots__ = ("pid", "cluster_identity")
    PID_FIELD_NUMBER: _ClassVar[int]
    CLUSTER_IDENTITY_FIELD_NUMBER: _ClassVar[int]
    pid: _actor_pb2.PID
    cluster_identity: ClusterIdentity
    def __init__(self, pid: _Optional[_Union[_actor_pb2.PID, _Mapping]] = ..., cluster_identity: _Optional[_Union[ClusterIdentity, _Mapping]] = ...) -> None: ...

class ActivationTerminated(_message.Message):
    __slots__ = ("pid", "cluster_identity", "ending")
    PID_FIELD_NUMBER: _ClassVar[int]
    CLUSTER_IDENTITY_FIELD_NUMBER: _ClassVar[int]
    ENDING_FIELD_NUMBER: _ClassVar[int]
    pid: _actor_pb2.PID
    cluster_identity: ClusterIdentity
    ending: str
    def __init__(self, pid: _Optional[_Union[_actor_pb2.PID, _Mapping]] = ..., cluster_identity: _Optional[_Union[ClusterIdentity, _Mapping]] = ..., ending: _Optional[str] = ...) -> None: ...

class ActivationRequest(_message.Message):
    __slots__ = ("cluster_identity", "request_id", "topology_hash", "topology_version", "requester_id", "forwarded", "dead", "number", "check")
    CLUSTER_IDENTITY_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    TOPOLOGY_HASH_FIELD_NUMBER: _ClassVar[int]
    TOPOLOGY_VERSION_FIELD_NUMBER: _ClassVar[int]
    REQUESTER_ID_FIELD_NUMBER: _ClassVar[int]
    FORWARDED_FIELD_NUMBER: _ClassVar[int]
    DEAD_FIELD_NUMBER: _ClassVar[int]
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    CHECK_FIELD_NUMBER: _ClassVar[int]
    cluster_identity: ClusterIdentity
    request_id: str
    topology_hash: int
    topology_version: int
    requester_id: str
    forwarded: bool
    dead: _actor_pb2.PID
    number: int
    check: bool
    def __init__(self, cluster_identity: _Optional[_Union[ClusterIdentity, _Mapping]] = ..., request_id: _Optional[str] = ..., topology_hash: _Optional[int] = ..., topology_version: _Optional[int] = ..., requester_id: _Optional[str] = ..., forwarded: bool = ..., dead: _Optional[_Union[_actor_pb2.PID, _Mapping]] = ..., number: _Optional[int] = ..., check: bool = ...) -> None: ...

class ActivationResponse(_message.Message):
    __slots__ = ("pid", "failed", "topology_hash", "invalid_identity", "refusal", "topology_version", "reason", "handover")
    PID_FIELD_NUMBER: _ClassVar[int]
    FAILED_FIELD_NUMBER: _ClassVar[int]
    TOPOLOGY_HASH_FIELD_NUMBER: _ClassVar[int]
    INVALID_IDENTITY_FIELD_NUMBER: _ClassVar[int]
    REFUSAL_FIELD_NUMBER: _ClassVar[int]
    TOPOLOGY_VERSION_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    HANDOVER_FIELD_NUMBER: _ClassVar[int]
    pid: _actor_pb2.PID
    failed: bool
    topology_hash: int
    invalid_identity: bool
    refusal: ActivationRefusal
    topology_version: int
    reason: str
    handover: str
    def __init__(self, pid: _Optional[_Union[_actor_pb2.PID, _Mapping]] = ..., failed: bool = ..., topology_hash: _Optional[int] = ..., invalid_identity: bool = ..., refusal: _Optional[_Union[ActivationRefusal, str]] = ..., topology_version: _Optional[int] = ..., reason: _Optional[str] = ..., handover: _Optional[str] = ...) -> None: ...

class ProxyActivationRequest(_message.Message):
    __slots__ = ("cluster_identity", "replaced_activation")
    CLUSTER_IDENTITY_FIELD_NUMBER: _ClassVar[int]
    REPLACED_ACTIVATION_FIELD_NUMBER: _ClassVar[int]
    cluster_identity: ClusterIdentity
    replaced_activation: _actor_pb2.PID
    def __init__(self, cluster_identity: _Optional[_Union[ClusterIdentity, _Mapping]] = ..., replaced_activation: _Optional[_Union[_actor_pb2.PID, _Mapping]] = ...) -> None: ...

class Member(_message.Message):
    __slots__ = ("host", "port", "id", "kinds")
    HOST_FIELD_NUMBER: _ClassVar[int]
    PORT_FIELD_NUMBER: _ClassVar[int]
    ID_FIELD_NUMBER: _ClassVar[int]
    KINDS_FIELD_NUMBER: _ClassVar[int]
    host: str
    port: int
    id: str
    kinds: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, host: _Optional[str] = ..., port: _Optional[int] = ..., id: _Optional[str] = ..., kinds: _Optional[_Iterable[str]] = ...) -> None: ...

class IdentityHandoverRequest(_message.Message):
    __slots__ = ("current_topology", "address", "delta_topology", "requester_id", "attempt")
    class Topology(_message.Message):
        __slots__ = ("topology_hash", "members", "topology_version")
        TOPOLOGY_HASH_FIELD_NUMBER: _ClassVar[int]
        MEMBERS_FIELD_NUMBER: _ClassVar[int]
        TOPOLOGY_VERSION_FIELD_NUMBER: _ClassVar[int]
        topology_hash: int
        members: _containers.RepeatedCompositeFieldContainer[Member]
        topology_version: int
        def __init__(self, topology_hash: _Optional[int] = ..., members: _Optional[_Iterable[_Union[Member, _Mapping]]] = ..., topology_version: _Optional[int] = ...) -> None: ...
    CURRENT_TOPOLOGY_FIELD_NUMBER: _ClassVar[int]
    ADDRESS_FIELD_NUMBER: _ClassVar[int]
    DELTA_TOPOLOGY_FIELD_NUMBER: _ClassVar[int]
    REQUESTER_ID_FIELD_NUMBER: _ClassVar[int]
    ATTEMPT_FIELD_NUMBER: _ClassVar[int]
    current_topology: IdentityHandoverRequest.Topology
    address: str
    delta_topology: IdentityHandoverRequest.Topology
    requester_id: str
    attempt: int
    def __init__(self, current_topology: _Optional[_Union[IdentityHandoverRequest.Topology, _Mapping]] = ..., address: _Optional[str] = ..., delta_topology: _Optional[_Union[IdentityHandoverRequest.Topology, _Mapping]] = ..., requester_id: _Optional[str] = ..., attempt: _Optional[int] = ...) -> None: ...

class IdentityHandover(_message.Message):
    __slots__ = ("actors", "chunk_id", "final", "topology_hash", "skipped", "sent")
    ACTORS_FIELD_NUMBER: _ClassVar[int]
    CHUNK_ID_FIELD_NUMBER: _ClassVar[int]
    FINAL_FIELD_NUMBER: _ClassVar[int]
    TOPOLOGY_HASH_FIELD_NUMBER: _ClassVar[int]
    SKIPPED_FIELD_NUMBER: _ClassVar[int]
    SENT_FIELD_NUMBER: _ClassVar[int]
    actors: _containers.RepeatedCompositeFieldContainer[Activation]
    chunk_id: int
    final: bool
    topology_hash: int
    skipped: int
    sent: int
    def __init__(self, actors: _Optional[_Iterable[_Union[Activation, _Mapping]]] = ..., chunk_id: _Optional[int] = ..., final: bool = ..., topology_hash: _Optional[int] = ..., skipped: _Optional[int] = ..., sent: _Optional[int] = ...) -> None: ...

class PackedActivations(_message.Message):
    __slots__ = ("address", "actors")
    class Activation(_message.Message):
        __slots__ = ("identity", "activation_id")
        IDENTITY_FIELD_NUMBER: _ClassVar[int]
        ACTIVATION_ID_FIELD_NUMBER: _ClassVar[int]
        identity: str
        activation_id: str
        def __init__(self, identity: _Optional[str] = ..., activation_id: _Optional[str] = ...) -> None: ...
    class Kind(_message.Message):
        __slots__ = ("name", "activations")
        NAME_FIELD_NUMBER: _ClassVar[int]
        ACTIVATIONS_FIELD_NUMBER: _ClassVar[int]
        name: str
        activations: _containers.RepeatedCompositeFieldContainer[PackedActivations.Activation]
        def __init__(self, name: _Optional[str] = ..., activations: _Optional[_Iterable[_Union[PackedActivations.Activation, _Mapping]]] = ...) -> None: ...
    ADDRESS_FIELD_NUMBER: _ClassVar[int]
    ACTORS_FIELD_NUMBER: _ClassVar[int]
    address: str
    actors: _containers.RepeatedCompositeFieldContainer[PackedActivations.Kind]
    def __init__(self, address: _Optional[str] = ..., actors: _Optional[_Iterable[_Union[PackedActivations.Kind, _Mapping]]] = ...) -> None: ...

class RemoteIdentityHandover(_message.Message):
    __slots__ = ("actors", "chunk_id", "final", "topology_hash", "skipped", "sent", "topology_version", "member_id", "attempt", "skipped_digest")
    ACTORS_FIELD_NUMBER: _ClassVar[int]
    CHUNK_ID_FIELD_NUMBER: _ClassVar[int]
    FINAL_FIELD_NUMBER: _ClassVar[int]
    TOPOLOGY_HASH_FIELD_NUMBER: _ClassVar[int]
    SKIPPED_FIELD_NUMBER: _ClassVar[int]
    SENT_FIELD_NUMBER: _ClassVar[int]
    TOPOLOGY_VERSION_FIELD_NUMBER: _ClassVar[int]
    MEMBER_ID_FIELD_NUMBER: _ClassVar[int]
    ATTEMPT_FIELD_NUMBER: _ClassVar[int]
    SKIPPED_DIGEST_FIELD_NUMBER: _ClassVar[int]
    actors: PackedActivations
    chunk_id: int
    final: bool
    topology_hash: int
    skipped: int
    sent: int
    topology_version: int
    member_id: str
    attempt: int
    skipped_digest: int
    def __init__(self, actors: _Optional[_Union[PackedActivations, _Mapping]] = ..., chunk_id: _Optional[int] = ..., final: bool = ..., topology_hash: _Optional[int] = ..., skipped: _Optional[int] = ..., sent: _Optional[int] = ..., topology_version: _Optional[int] = ..., member_id: _Optional[str] = ..., attempt: _Optional[int] = ..., skipped_digest: _Optional[int] = ...) -> None: ...

class IdentityHandoverAck(_message.Message):
    __slots__ = ("chunk_id", "topology_hash", "processing_state")
    class State(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        processed: _ClassVar[IdentityHandoverAck.State]
        incorrect_topology: _ClassVar[IdentityHandoverAck.State]
    processed: IdentityHandoverAck.State
    incorrect_topology: IdentityHandoverAck.State
    CHUNK_ID_FIELD_NUMBER: _ClassVar[int]
    TOPOLOGY_HASH_FIELD_NUMBER: _ClassVar[int]
    PROCESSING_STATE_FIELD_NUMBER: _ClassVar[int]
    chunk_id: int
    topology_hash: int
    processing_state: IdentityHandoverAck.State
    def __init__(self, chunk_id: _Optional[int] = ..., topology_hash: _Optional[int] = ..., processing_state: _Optional[_Union[IdentityHandoverAck.State, str]] = ...) -> None: ...

class ReadyForRebalance(_message.Message):
    __slots__ = ("topology_hash", "topology_version")
    TOPOLOGY_HASH_FIELD_NUMBER: _ClassVar[int]
    TOPOLOGY_VERSION_FIELD_NUMBER: _ClassVar[int]
    topology_hash: int
    topology_version: int
    def __init__(self, topology_hash: _Optional[int] = ..., topology_version: _Optional[int] = ...) -> None: ...

class RebalanceCompleted(_message.Message):
    __slots__ = ("topology_hash", "topology_version")
    TOPOLOGY_HASH_FIELD_NUMBER: _ClassVar[int]
    TOPOLOGY_VERSION_FIELD_NUMBER: _ClassVar[int]
    topology_hash: int
    topology_version: int
    def __init__(self, topology_hash: _Optional[int] = ..., topology_version: _Optional[int] = ...) -> None: ...

class ClusterTopology(_message.Message):
    __slots__ = ("topology_hash", "members", "joined", "left", "blocked", "topology_version")
    TOPOLOGY_HASH_FIELD_NUMBER: _ClassVar[int]
    MEMBERS_FIELD_NUMBER: _ClassVar[int]
    JOINED_FIELD_NUMBER: _ClassVar[int]
    LEFT_FIELD_NUMBER: _ClassVar[int]
    BLOCKED_FIELD_NUMBER: _ClassVar[int]
    TOPOLOGY_VERSION_FIELD_NUMBER: _ClassVar[int]
    topology_hash: int
    members: _containers.RepeatedCompositeFieldContainer[Member]
    joined: _containers.RepeatedCompositeFieldContainer[Member]
    left: _containers.RepeatedCompositeFieldContainer[Member]
    blocked: _containers.RepeatedScalarFieldContainer[str]
    topology_version: int
    def __init__(self, topology_hash: _Optional[int] = ..., members: _Optional[_Iterable[_Union[Member, _Mapping]]] = ..., joined: _Optional[_Iterable[_Union[Member, _Mapping]]] = ..., left: _Optional[_Iterable[_Union[Member, _Mapping]]] = ..., blocked: _Optional[_Iterable[str]] = ..., topology_version: _Optional[int] = ...) -> None: ...

class ClusterTopologyNotification(_message.Message):
    __slots__ = ("member_id", "topology_hash", "leader_id")
    MEMBER_ID_FIELD_NUMBER: _ClassVar[int]
    TOPOLOGY_HASH_FIELD_NUMBER: _ClassVar[int]
    LEADER_ID_FIELD_NUMBER: _ClassVar[int]
    member_id: str
    topology_hash: int
    leader_id: str
    def __init__(self, member_id: _Optional[str] = ..., topology_hash: _Optional[int] = ..., leader_id: _Optional[str] = ...) -> None: ...

class ActorStatistics(_message.Message):
    __slots__ = ("actor_count",)
    class ActorCountEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: int
        def __init__(self, key: _Optional[str] = ..., value: _Optional[int] = ...) -> None: ...
    ACTOR_COUNT_FIELD_NUMBER: _ClassVar[int]
    actor_count: _containers.ScalarMap[str, int]
    def __init__(self, actor_count: _Optional[_Mapping[str, int]] = ...) -> None: ...

class MemberHeartbeat(_message.Message):
    __slots__ = ("actor_statistics", "told", "lacking")
    ACTOR_STATISTICS_FIELD_NUMBER: _ClassVar[int]
    TOLD_FIELD_NUMBER: _ClassVar[int]
    LACKING_FIELD_NUMBER: _ClassVar[int]
    actor_statistics: ActorStatistics
    told: int
    lacking: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, actor_statistics: _Optional[_Union[ActorStatistics, _Mapping]] = ..., told: _Optional[int] = ..., lacking: _Optional[_Iterable[str]] = ...) -> None: ...
