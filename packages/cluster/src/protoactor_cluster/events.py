"""What a cluster publishes on `system.events`."""

from __future__ import annotations

from dataclasses import dataclass

from protoactor import PID
from protoactor_cluster.identity import ClusterIdentity
from protoactor_cluster.provider import Member
from protoactor_cluster.topology import Topology, TopologyChange

__all__ = [
    "DuplicateActivation",
    "Evicted",
    "GossipChanged",
    "HandoverCompleted",
    "MemberSuspected",
    "ProviderFailed",
    "RebalanceIncomplete",
    "Rejoined",
    "TopologyChanged",
]

TopologyChanged = TopologyChange
"""The members changed: `previous`, `current`, `joined`, `left`."""


@dataclass(frozen=True, slots=True)
class MemberSuspected:
    """A member misses heartbeats; it gets no new activations until it is heard."""

    member: Member


@dataclass(frozen=True, slots=True)
class DuplicateActivation:
    """An identity was active twice; one was kept, the other is stopped."""

    identity: ClusterIdentity
    kept: PID
    stopped: PID


@dataclass(frozen=True, slots=True)
class RebalanceIncomplete:
    """A hand-over goes on without being sure: a second activation is possible.

    It concerns identities whose activation lives on an `unanswered` member;
    `waiting` are those that somebody asks for right now.
    """

    topology: Topology
    reason: str
    unanswered: tuple[Member, ...]
    waiting: tuple[ClusterIdentity, ...]


@dataclass(frozen=True, slots=True)
class HandoverCompleted:
    """All members have told this one what they host that it owns."""

    topology: Topology
    activations: int


@dataclass(frozen=True, slots=True)
class Evicted:
    """This process is no member any more: its activations stop."""

    member_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class ProviderFailed:
    """The watch of the provider raised or ended, or it yielded nonsense.

    It is opened again; the members that are known stay members meanwhile.
    """

    error: Exception


@dataclass(frozen=True, slots=True)
class Rejoined:
    """This process is a member again, as another one."""

    former_id: str
    member_id: str


@dataclass(frozen=True, slots=True)
class GossipChanged:
    """A member has published a value under this key, newer than what was known."""

    member_id: str
    key: str
