"""Every span, metric and attribute name of this package.

One trace holds a call from end to end:
`grain.call` > `identity.lookup` > `identity.owner` > `activation.place` >
`activation.start`, and `grain.call` > `grain.handle`. A topology change is a trace
per member: `cluster.topology` > `handover` > `handover.pull` > `handover.serve`.
The end of an activation, `activation.stop`, is a trace of its own; the call that
activates its identity again links to it, and calls that waited link to a `handover`.
"""

from __future__ import annotations

__all__ = ["SPANS"]

GRAIN_CALL = "grain.call"
IDENTITY_LOOKUP = "identity.lookup"
IDENTITY_OWNER = "identity.owner"
ACTIVATION_PLACE = "activation.place"
ACTIVATION_START = "activation.start"
ACTIVATION_STOP = "activation.stop"
GRAIN_HANDLE = "grain.handle"
TOPOLOGY = "cluster.topology"
HANDOVER = "handover"
HANDOVER_PULL = "handover.pull"
HANDOVER_SERVE = "handover.serve"

RETRY = "retry"
"""The event of a `grain.call` that tries again."""

SPANS = (
    GRAIN_CALL,
    IDENTITY_LOOKUP,
    IDENTITY_OWNER,
    ACTIVATION_PLACE,
    ACTIVATION_START,
    ACTIVATION_STOP,
    GRAIN_HANDLE,
    TOPOLOGY,
    HANDOVER,
    HANDOVER_PULL,
    HANDOVER_SERVE,
)

KIND = "protoactor.kind"
IDENTITY = "protoactor.identity"
METHOD = "protoactor.method"
MEMBER = "protoactor.member.id"
OWNER = "protoactor.owner.address"
HOST = "protoactor.host.address"
PID_SOURCE = "protoactor.pid.source"
PID = "protoactor.pid"
OUTCOME = "protoactor.outcome"
ATTEMPTS = "protoactor.attempts"
ENDING = "protoactor.activation.ending"
AFTER = "protoactor.activation.after"
LINK = "protoactor.link"
TOPOLOGY_HASH = "protoactor.topology.hash"
TOPOLOGY_VERSION = "protoactor.topology.version"
MEMBERS = "protoactor.topology.members"
JOINED = "protoactor.topology.joined"
LEFT = "protoactor.topology.left"
ACTIVATIONS = "protoactor.handover.activations"
SKIPPED = "protoactor.handover.skipped"
