"""What happened to this member lately: topologies, hand-overs, suspicions."""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Iterable
from typing import TYPE_CHECKING

from opentelemetry.trace import SpanContext

from protoactor_cluster.events import (
    DuplicateActivation,
    Evicted,
    HandoverCompleted,
    MemberSuspected,
    ProviderFailed,
    RebalanceIncomplete,
    Rejoined,
)
from protoactor_cluster.introspection._to_wire import member_to_wire, trace_to_wire
from protoactor_cluster.topology import Topology, TopologyChange, TopologyId
from protoactor_cluster.wire import introspection_pb2 as wire

if TYPE_CHECKING:
    from protoactor_cluster.cluster import Cluster

__all__ = ["History"]


class History:
    """Events with a growing number; the oldest are forgotten."""

    def __init__(self, cluster: Cluster, size: int) -> None:
        self._cluster = cluster
        self._numbers = itertools.count(1)
        self._events: deque[tuple[float, wire.Event]] = deque(maxlen=size)
        self.topology_since = 0.0
        """Seconds of the loop's clock."""

    def since(self, number: int) -> list[wire.Event]:
        """Copies of the events after this number, with their age."""
        now = self._cluster.system.loop.time()
        found: list[wire.Event] = []
        for at, event in self._events:
            if event.number > number:
                copy = wire.Event()
                copy.CopyFrom(event)
                copy.age = now - at
                found.append(copy)
        return found

    def note(self, happened: object) -> None:
        """Takes everything that the system publishes, and keeps what concerns members."""
        match happened:
            case TopologyChange():
                self._topology(happened)
            case HandoverCompleted(topology, activations):
                self._handover(topology, activations)
            case RebalanceIncomplete():
                text = f"{happened.reason}; unanswered: {_names(happened.unanswered)}"
                self._add("hand-over incomplete", text, happened.topology.id)
            case MemberSuspected(member):
                self._add("suspected", f"{member} misses heartbeats")
            case Evicted(member_id, reason):
                self._add("evicted", f"{member_id}: {reason}")
            case Rejoined(former_id, member_id):
                self._add("rejoined", f"{former_id} is {member_id} now")
            case DuplicateActivation(identity, kept, stopped):
                text = f"{identity}: {kept} stays, {stopped} is stopped"
                self._add("duplicate", text)
            case ProviderFailed(error):
                self._add("provider failed", f"{type(error).__name__}: {error}")
            case _:
                pass

    def _topology(self, change: TopologyChange) -> None:
        if change.current.id == change.previous.id:
            return
        self.topology_since = self._cluster.system.loop.time()
        joined, left = change.joined, change.left
        known = f"{len(change.current)} members"
        text = known if joined or left else f"counted as others do; {known}"
        event = self._add("topology", text, change.current.id)
        event.joined.extend(map(member_to_wire, joined))
        event.left.extend(map(member_to_wire, left))

    def _handover(self, topology: Topology, activations: int) -> None:
        lookup = self._cluster.lookup
        trace: SpanContext | None = getattr(lookup, "handover_trace", None)
        text = f"owns {activations} live activations"
        event = self._add("hand-over", text, topology.id)
        event.duration = self._cluster.system.loop.time() - self.topology_since
        event.activations = activations
        event.trace.CopyFrom(trace_to_wire(trace))

    def _add(
        self, what: str, text: str, topology: TopologyId | None = None
    ) -> wire.Event:
        version, hash = topology or self._cluster.topology.id
        event = wire.Event(
            number=next(self._numbers),
            what=what,
            text=text,
            topology_version=version,
            topology_hash=f"{hash:016x}",
        )
        self._events.append((self._cluster.system.loop.time(), event))
        return event


def _names(members: Iterable[object]) -> str:
    return ", ".join(map(str, members)) or "nobody"
