"""What a hand-over asks its surroundings to do, in the order given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

from protoactor_cluster.handover.activation import Activation
from protoactor_cluster.handover.chunk import Pull
from protoactor_cluster.hash_ring import HashRing
from protoactor_cluster.identity import ClusterIdentity
from protoactor_cluster.provider import Member
from protoactor_cluster.topology import Topology

__all__ = [
    "AbandonSpawns",
    "AcceptActivations",
    "AnnounceReady",
    "AskPeer",
    "Check",
    "Completed",
    "Defer",
    "Effect",
    "Incomplete",
    "IncompleteReason",
    "Release",
    "StopDuplicate",
]


@dataclass(frozen=True, slots=True)
class AbandonSpawns:
    """Fail these activations in flight: the members asked have left."""

    identities: tuple[ClusterIdentity, ...]


@dataclass(frozen=True, slots=True)
class AnnounceReady:
    """Gossip `reb:ready`; send `BarrierReached` once all members agree on it."""

    topology: Topology


@dataclass(frozen=True, slots=True)
class AskPeer:
    """Send the pull to the placement of this member, which may be this member.

    Forget the answer to an earlier attempt, if one is still under way.
    """

    member: Member
    pull: Pull


@dataclass(frozen=True, slots=True)
class Check:
    """Ask this member whether the identity lives there; nothing is to be started.

    `SpawnEnded` with this number tells the answer.
    """

    identity: ClusterIdentity
    member: Member
    number: int


@dataclass(frozen=True, slots=True)
class AcceptActivations:
    """These are in the table now: callers that wait for one of them may go on."""

    activations: Sequence[Activation]


@dataclass(frozen=True, slots=True)
class StopDuplicate:
    """Poison `stopped` and publish a `DuplicateActivation`; `kept` stays.

    `repeated` if it seems to live still: poison it again, publish nothing.
    """

    kept: Activation
    stopped: Activation
    repeated: bool = False


class IncompleteReason(Enum):
    """Why a hand-over goes on without being sure."""

    BARRIER = "members did not agree on the topology in time"
    PULL = "members did not report their activations in time"


@dataclass(frozen=True, slots=True)
class Incomplete:
    """Publish `RebalanceIncomplete`: a second activation of an identity is possible.

    With `PULL` it concerns identities whose activation lives on one of
    `unanswered`. Which ones is unknown, but `former` tells who owned an
    identity before, for the identities that somebody waits for.
    """

    topology: Topology
    reason: IncompleteReason
    unanswered: tuple[Member, ...] = ()
    former: HashRing | None = None


@dataclass(frozen=True, slots=True)
class Release:
    """Everybody who waits for the hand-over may go on; once per topology."""

    topology: Topology


@dataclass(frozen=True, slots=True)
class Completed:
    """All members have reported; after `Release` only if that was `Incomplete`."""

    topology: Topology
    activations: int


@dataclass(frozen=True, slots=True)
class Defer:
    """Send `Resume` once others have had their turn: more is to be done."""


Effect: TypeAlias = (
    AbandonSpawns
    | AnnounceReady
    | AskPeer
    | Check
    | AcceptActivations
    | StopDuplicate
    | Incomplete
    | Release
    | Completed
    | Defer
)
