"""Hand-over of ownership when the topology changes, as pure state machines.

Owner's side:  Handover (events in, effects out) over OwnerTable and Spawns;
               decide() tells what to do with one request.
Host's side:   Placement answers pulls and refuses what is stale.
Wire:          codec.

A request for an activation travels owner -> host with the owner's `TopologyId`
(`topology_hash`, and `topology_version` = field 1000), as do pulls and chunks.
`protoactor_cluster.topology` explains why comparing versions is enough.
"""

from protoactor_cluster.handover.activation import Activation, precedence
from protoactor_cluster.handover.chunk import HandoverChunk, Pull
from protoactor_cluster.handover.codec import (
    decode_chunk,
    decode_pull,
    encode_chunk,
    encode_pull,
)
from protoactor_cluster.handover.decision import (
    Answer,
    Attach,
    Decision,
    Forward,
    Refuse,
    Spawn,
    Wait,
    decide,
)
from protoactor_cluster.handover.effects import (
    AbandonSpawns,
    AcceptActivations,
    AnnounceReady,
    AskPeer,
    Check,
    Completed,
    Defer,
    Effect,
    Incomplete,
    IncompleteReason,
    Release,
    StopDuplicate,
)
from protoactor_cluster.handover.events import (
    BarrierReached,
    ChunkReceived,
    Event,
    PeerGone,
    Resume,
    SpawnEnded,
    TimePassed,
    TopologyChanged,
)
from protoactor_cluster.handover.handover import Handover
from protoactor_cluster.handover.owner_table import OwnerTable
from protoactor_cluster.handover.placement import Placement
from protoactor_cluster.handover.spawns import SpawnOutcome, Spawns
from protoactor_cluster.handover.timeouts import HandoverTimeouts

__all__ = [
    "AbandonSpawns",
    "AcceptActivations",
    "Activation",
    "AnnounceReady",
    "Answer",
    "AskPeer",
    "Attach",
    "BarrierReached",
    "Check",
    "ChunkReceived",
    "Completed",
    "Decision",
    "Defer",
    "Effect",
    "Event",
    "Forward",
    "Handover",
    "HandoverChunk",
    "HandoverTimeouts",
    "Incomplete",
    "IncompleteReason",
    "OwnerTable",
    "PeerGone",
    "Placement",
    "Pull",
    "Refuse",
    "Release",
    "Resume",
    "Spawn",
    "SpawnEnded",
    "SpawnOutcome",
    "Spawns",
    "StopDuplicate",
    "TimePassed",
    "TopologyChanged",
    "Wait",
    "decide",
    "decode_chunk",
    "decode_pull",
    "encode_chunk",
    "encode_pull",
    "precedence",
]
