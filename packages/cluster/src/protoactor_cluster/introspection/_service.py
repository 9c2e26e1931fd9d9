"""Answers those who look into this member."""

from __future__ import annotations

from typing import TYPE_CHECKING

from google.protobuf.message import Message

from protoactor_cluster.introspection._activations import page_of
from protoactor_cluster.introspection._explanation import explain
from protoactor_cluster.introspection._report import report
from protoactor_cluster.introspection._span_memory import FinishedSpan
from protoactor_cluster.wire import introspection_pb2 as wire

if TYPE_CHECKING:
    from protoactor_cluster.cluster import Cluster
    from protoactor_cluster.introspection._observer import Observer

__all__ = ["SERVICE", "IntrospectionService"]

SERVICE = "protoactor.Introspection"


class IntrospectionService:
    """Methods by name; requests are short, and answers are bounded."""

    def __init__(self, cluster: Cluster, observer: Observer) -> None:
        self._cluster = cluster
        self._observer = observer

    async def answer(self, method: str, request: bytes) -> bytes:
        """Raises `ValueError` and `DecodeError` for what cannot be answered."""
        return self._answer(method, request).SerializeToString()

    def _answer(self, method: str, request: bytes) -> Message:
        cluster, observer = self._cluster, self._observer
        match method:
            case "Report":
                return self._report(wire.ReportRequest.FromString(request))
            case "Activations":
                return page_of(cluster, wire.ActivationsRequest.FromString(request))
            case "Explain":
                return explain(cluster, wire.ExplainRequest.FromString(request))
            case "History":
                after = wire.HistoryRequest.FromString(request).after
                return wire.History(events=observer.history.since(after))
            case "SlowCalls":
                after = wire.SlowCallsRequest.FromString(request).after
                return wire.SlowCalls(calls=observer.slow_calls.since(after))
            case "Spans":
                return self._spans(wire.SpansRequest.FromString(request).trace_id)
            case "Leave":
                cluster.leave()
                return wire.LeaveResponse()
            case _:
                raise ValueError("there is no such method")

    def _report(self, request: wire.ReportRequest) -> wire.Report:
        told = report(self._cluster, self._observer)
        if request.with_news:
            told.events.extend(self._observer.history.since(request.events_after))
            told.slow_calls.extend(self._observer.slow_calls.since(request.calls_after))
        return told

    def _spans(self, trace_id: str) -> wire.Spans:
        found = self._observer.spans.of_trace(int(trace_id, 16))
        return wire.Spans(spans=map(self._span_to_wire, found))

    def _span_to_wire(self, span: FinishedSpan) -> wire.Span:
        return wire.Span(
            name=span.name,
            span_id=f"{span.context.span_id:016x}",
            parent_id=f"{span.parent_id:016x}" if span.parent_id else "",
            age=span.age,
            duration=span.duration,
            error=span.error,
            attributes={key: str(value) for key, value in span.attributes.items()},
            address=self._cluster.member_address,
        )
