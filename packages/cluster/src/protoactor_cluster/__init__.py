"""A cluster of virtual actors.

A call's way through the modules:
  grain/_handle (typed call) > _caller (deadline, retries) > pid_cache > lookup,
  partition > _identity_owner (on the owner) > placement (on the host) >
  _activation, _grain_actor.
A topology change's way: provider > _membership, member_list > lookup > owner.
"""

from protoactor_cluster._activation import ActivationState
from protoactor_cluster.call import Call
from protoactor_cluster.cluster import Cluster
from protoactor_cluster.contract import rpc
from protoactor_cluster.dialect import Dialect
from protoactor_cluster.disthash import DistHashLookup
from protoactor_cluster.errors import (
    ActivationFailed,
    CallCycle,
    ClusterError,
    GrainDefinitionError,
    GrainError,
    IdentityBlocked,
    JoinTimeout,
    KindNotFound,
    MembershipLost,
    NotAMember,
    StaleEpoch,
)
from protoactor_cluster.events import (
    DuplicateActivation,
    Evicted,
    GossipChanged,
    HandoverCompleted,
    MemberSuspected,
    ProviderFailed,
    RebalanceIncomplete,
    Rejoined,
    TopologyChanged,
)
from protoactor_cluster.failure_detection import FailureDetection
from protoactor_cluster.gossip import Gossip
from protoactor_cluster.grain import Grain
from protoactor_cluster.identity import ClusterIdentity, InvalidIdentity
from protoactor_cluster.introspection import Inspector, Introspection
from protoactor_cluster.join import connect, join
from protoactor_cluster.kind import Kind
from protoactor_cluster.logs import LogContext
from protoactor_cluster.lookup import IdentityLookup, NotPlaced
from protoactor_cluster.partition import PartitionLookup
from protoactor_cluster.provider import ClusterProvider, Member, MembershipView
from protoactor_cluster.single import SingleMemberLookup, SingleMemberProvider
from protoactor_cluster.strategies import (
    LeastActivations,
    LocalAffinity,
    MemberStrategy,
    RoundRobin,
    Weighted,
)
from protoactor_cluster.topology import Topology

__all__ = [
    "ActivationFailed",
    "ActivationState",
    "Call",
    "CallCycle",
    "Cluster",
    "ClusterError",
    "ClusterIdentity",
    "ClusterProvider",
    "Dialect",
    "DistHashLookup",
    "DuplicateActivation",
    "Evicted",
    "FailureDetection",
    "Gossip",
    "GossipChanged",
    "Grain",
    "GrainDefinitionError",
    "GrainError",
    "HandoverCompleted",
    "IdentityBlocked",
    "IdentityLookup",
    "Inspector",
    "Introspection",
    "InvalidIdentity",
    "JoinTimeout",
    "Kind",
    "KindNotFound",
    "LeastActivations",
    "LocalAffinity",
    "LogContext",
    "Member",
    "MemberStrategy",
    "MemberSuspected",
    "MembershipLost",
    "MembershipView",
    "NotAMember",
    "NotPlaced",
    "PartitionLookup",
    "ProviderFailed",
    "RebalanceIncomplete",
    "Rejoined",
    "RoundRobin",
    "SingleMemberLookup",
    "SingleMemberProvider",
    "StaleEpoch",
    "Topology",
    "TopologyChanged",
    "Weighted",
    "connect",
    "join",
    "rpc",
]
