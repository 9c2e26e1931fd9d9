"""Every span, metric and attribute name of this package.

One trace holds a call from end to end:
`grain.call` > `identity.lookup` > `identity.owner` > `activation.place` >
`activation.start`, and `grain.call` > `grain.handle`. A topology change is a trace
per member: `cluster.topology` > `handover` > `handover.pull` > `handover.serve`.
The end of an activation, `activation.stop`, is a trace of its own; the call that
activates its identity again links to it, and calls that waited link to a `handover`.
"""

from __future__ import annotations

__all__ = ["METRICS", "SPANS"]

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

REQUEST_DURATION = "protocluster_virtualactor_requestasync_duration"
RETRIES = "protocluster_virtualactor_requestasync_retry_count"
RESOLVE_DURATION = "protocluster_resolve_pid_duration"
SPAWN_DURATION = "protocluster_virtualactor_spawn_duration"
VIRTUAL_ACTORS = "protocluster_virtualactors"
ACTIVATION_FAILURES = "protocluster_activation_failure_count"
ACTIVATION_ENDS = "protocluster_activation_end_count"
CACHE_SIZE = "protocluster_pid_cache_size"
CACHE_HITS = "protocluster_identity_cache_hit_total"
CACHE_MISSES = "protocluster_identity_cache_miss_total"
MEMBERS_COUNT = "protocluster_members_count"
MEMBERS_BLOCKED = "protocluster_members_blocked_count"
MEMBERS_SUSPECTED = "protocluster_members_suspected_count"
MEMBERS_JOINED = "protocluster_member_join_total"
MEMBERS_LEFT = "protocluster_member_leave_total"
TOPOLOGIES = "protocluster_topology_update_total"
HANDOVERS = "protocluster_handover_count"
HANDOVER_DURATION = "protocluster_handover_duration"
HANDOVER_ACTIVATIONS = "protocluster_handover_activations_count"
HANDOVERS_INCOMPLETE = "protocluster_handover_incomplete_count"
DUPLICATES = "protocluster_duplicate_activations_count"
GOSSIP_ROUNDS = "protocluster_gossip_round_count"
GOSSIP_SENT = "protocluster_gossip_sent_total"
GOSSIP_RECEIVED = "protocluster_gossip_received_total"
GOSSIP_SENT_SIZE = "protocluster_gossip_sent_size"
GOSSIP_RECEIVED_SIZE = "protocluster_gossip_received_size"
PROVIDER_HEALTHY = "protocluster_provider_healthy"
PROVIDER_FAILURES = "protocluster_provider_failure_count"
READY = "protocluster_member_ready"

METRICS = (
    REQUEST_DURATION,
    RETRIES,
    RESOLVE_DURATION,
    SPAWN_DURATION,
    VIRTUAL_ACTORS,
    ACTIVATION_FAILURES,
    ACTIVATION_ENDS,
    CACHE_SIZE,
    CACHE_HITS,
    CACHE_MISSES,
    MEMBERS_COUNT,
    MEMBERS_BLOCKED,
    MEMBERS_SUSPECTED,
    MEMBERS_JOINED,
    MEMBERS_LEFT,
    TOPOLOGIES,
    HANDOVERS,
    HANDOVER_DURATION,
    HANDOVER_ACTIVATIONS,
    HANDOVERS_INCOMPLETE,
    DUPLICATES,
    GOSSIP_ROUNDS,
    GOSSIP_SENT,
    GOSSIP_RECEIVED,
    GOSSIP_SENT_SIZE,
    GOSSIP_RECEIVED_SIZE,
    PROVIDER_HEALTHY,
    PROVIDER_FAILURES,
    READY,
)

KIND_LABEL = "clusterkind"
MESSAGE_TYPE_LABEL = "messagetype"
PID_SOURCE_LABEL = "pidsource"
ENDING_LABEL = "ending"
OUTCOME_LABEL = "outcome"
REASON_LABEL = "reason"

FROM_CACHE = "PidCache"
FROM_LOOKUP = "IIdentityLookup"
"""Where a call had its PID from, in the words of the other Proto.Actors."""
