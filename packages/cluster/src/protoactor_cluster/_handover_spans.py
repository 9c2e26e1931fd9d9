"""The trace of a hand-over: one per topology and member, a span per pull."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from opentelemetry.trace import Span

from protoactor_cluster import telemetry
from protoactor_cluster.handover import HandoverChunk
from protoactor_cluster.provider import Member
from protoactor_cluster.topology import Topology

if TYPE_CHECKING:
    from protoactor_cluster.cluster import Cluster

__all__ = ["HandoverSpans"]


class HandoverSpans:
    """Begins with a topology, ends when all members have reported."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._handover: Span | None = None
        self._pulls: dict[str, Span] = {}

    def begin(self, topology: Topology) -> None:
        """A new topology: what was under way under the last one is over."""
        self.end(0, outcome="superseded")
        self._handover = self._cluster.spans.start(
            telemetry.HANDOVER,
            parent=self._cluster.topology_span,
            attributes={
                telemetry.MEMBER: self._cluster.member_id,
                telemetry.TOPOLOGY_HASH: f"{topology.hash:016x}",
                telemetry.TOPOLOGY_VERSION: topology.version,
                telemetry.MEMBERS: len(topology),
            },
        )

    def pull_headers(self, member: Member) -> Mapping[str, str] | None:
        """What the pull of this member carries, so that its answer joins the trace."""
        if self._handover is None:
            return None
        span = self._cluster.spans.start(
            telemetry.HANDOVER_PULL,
            parent=self._handover,
            attributes={telemetry.HOST: member.address},
        )
        telemetry.end(self._pulls.pop(member.id, None))
        if span is not None:
            self._pulls[member.id] = span
        return self._cluster.spans.headers(span)

    def received(self, member_id: str, chunk: HandoverChunk) -> None:
        if chunk.final and (span := self._pulls.pop(member_id, None)) is not None:
            span.set_attribute(telemetry.ACTIVATIONS, chunk.sent)
            span.set_attribute(telemetry.SKIPPED, chunk.skipped)
            span.end()

    def link(self, waiting: Span | None) -> None:
        """A call waited for this hand-over: its span names the trace."""
        if waiting is not None and self._handover is not None:
            waiting.add_link(self._handover.get_span_context())

    def end(self, activations: int, outcome: str = "complete") -> None:
        for pull in self._pulls.values():
            pull.end()
        self._pulls.clear()
        span, self._handover = self._handover, None
        attributes: dict[str, str | int] = {
            telemetry.ACTIVATIONS: activations,
            telemetry.OUTCOME: outcome,
        }
        telemetry.end(span, attributes=attributes)
