"""What a hand-over reacts to; `now` is in monotonic seconds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from protoactor_cluster.handover.activation import Activation
from protoactor_cluster.handover.chunk import HandoverChunk
from protoactor_cluster.handover.spawns import SpawnOutcome
from protoactor_cluster.identity import ClusterIdentity
from protoactor_cluster.topology import Topology, TopologyId

__all__ = [
    "BarrierReached",
    "ChunkReceived",
    "Event",
    "PeerGone",
    "Resume",
    "SpawnEnded",
    "TimePassed",
    "TopologyChanged",
]


@dataclass(frozen=True, slots=True)
class TopologyChanged:
    """The member list moved on."""

    topology: Topology
    now: float


@dataclass(frozen=True, slots=True)
class SpawnEnded:
    """What became of an activation that this member had asked for, or of a `Check`.

    `number` is that of the question; `activation` is what the host answered
    with, if it did.
    """

    identity: ClusterIdentity
    number: int
    activation: Activation | None
    now: float
    outcome: SpawnOutcome = SpawnOutcome.ANSWERED


@dataclass(frozen=True, slots=True)
class BarrierReached:
    """Every member has this topology and is ready to hand over under it."""

    topology_id: TopologyId
    now: float


@dataclass(frozen=True, slots=True)
class ChunkReceived:
    """A part of a member's answer to a pull under this topology."""

    member_id: str
    topology_id: TopologyId
    chunk: HandoverChunk
    now: float


@dataclass(frozen=True, slots=True)
class PeerGone:
    """A question or an answer was lost: dead letter, or the connection broke."""

    member_id: str
    now: float


@dataclass(frozen=True, slots=True)
class Resume:
    """Others have had their turn since `Defer`."""

    now: float


@dataclass(frozen=True, slots=True)
class TimePassed:
    """The time in `Handover.next_deadline` has come."""

    now: float


Event: TypeAlias = (
    TopologyChanged
    | SpawnEnded
    | BarrierReached
    | ChunkReceived
    | PeerGone
    | Resume
    | TimePassed
)
