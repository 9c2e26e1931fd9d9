"""The trace of a hand-over: one per topology and member, a span per pull.

Its number and its duration are counted here too.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from opentelemetry.trace import Span, SpanContext, Status, StatusCode

from protoactor_cluster import telemetry
from protoactor_cluster._spans import context_of, end
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
        self._headers: Mapping[str, str] = {}
        self._handover: Span | None = None
        self._pulls: dict[str, Span] = {}
        self._began: float | None = None
        self.trace: SpanContext | None = None
        """Of the hand-over under way, or of the last one."""

    def begin(self, topology: Topology, headers: Mapping[str, str]) -> None:
        """A new topology, whose trace is in `headers`, ends the hand-over before it."""
        self.end(outcome="superseded")
        self._headers = headers
        self._handover = self._cluster.spans.start(
            telemetry.HANDOVER,
            headers=headers,
            attributes={
                telemetry.MEMBER: self._cluster.member_id,
                telemetry.TOPOLOGY_HASH: f"{topology.hash:016x}",
                telemetry.TOPOLOGY_VERSION: topology.version,
                telemetry.MEMBERS: len(topology),
            },
        )
        self.trace = context_of(self._handover)
        self._began = self._cluster.system.loop.time()

    def entered(self) -> AbstractContextManager[object]:
        """What happens inside belongs to the hand-over."""
        return self._cluster.spans.activate(self._handover)

    def pull_headers(self, member: Member) -> Mapping[str, str] | None:
        """What the pull of this member carries, so that its answer joins the trace."""
        if (former := self._pulls.pop(member.id, None)) is not None:
            _fail(former, "no whole answer came in time: it is asked again")
        if self._handover is None:
            return self._headers or None
        span = self._cluster.spans.start(
            telemetry.HANDOVER_PULL,
            parent=self._handover,
            attributes={
                telemetry.MEMBER: self._cluster.member_id,
                telemetry.HOST: member.address,
            },
        )
        if span is not None:
            self._pulls[member.id] = span
        return self._cluster.spans.headers(span, self._headers)

    def received(self, member_id: str, chunk: HandoverChunk) -> None:
        if chunk.final and (span := self._pulls.pop(member_id, None)) is not None:
            counts = {
                telemetry.ACTIVATIONS: chunk.sent,
                telemetry.SKIPPED: chunk.skipped,
            }
            end(span, attributes=counts)

    def incomplete(self, reason: str, unanswered: Collection[Member]) -> None:
        """It goes on without being sure: that is seen, whatever comes later."""
        if self._handover is not None:
            silent = [member.address for member in unanswered]
            self._handover.add_event(
                "incomplete", {"reason": reason, "unanswered": silent}
            )
            self._handover.set_status(Status(StatusCode.ERROR, reason))

    def end(self, activations: int | None = None, outcome: str = "complete") -> None:
        self._count(outcome)
        for pull in self._pulls.values():
            _fail(pull, f"the hand-over was {outcome}")
        self._pulls.clear()
        span, self._handover = self._handover, None
        attributes: dict[str, str | int] = {telemetry.OUTCOME: outcome}
        if activations is not None:
            attributes[telemetry.ACTIVATIONS] = activations
        end(span, attributes=attributes)

    def _count(self, outcome: str) -> None:
        began, self._began = self._began, None
        if began is None:
            return
        cluster = self._cluster
        cluster.statistics.handovers[outcome] += 1
        if cluster.durations is not None:
            cluster.durations.handed_over(cluster.system.loop.time() - began, outcome)


def _fail(pull: Span, reason: str) -> None:
    pull.set_status(Status(StatusCode.ERROR, reason))
    pull.end()
