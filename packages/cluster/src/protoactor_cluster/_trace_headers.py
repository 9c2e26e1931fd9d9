"""Trace context in the headers of messages, as W3C says, quickly where it is plain.

Every call pays for this while anybody traces, also if it is not sampled; trace state
and baggage, which few calls have, are left to OpenTelemetry.
"""

from __future__ import annotations

from collections.abc import Mapping

from opentelemetry import baggage, trace
from opentelemetry import context as otel
from opentelemetry.baggage.propagation import W3CBaggagePropagator
from opentelemetry.context import Context
from opentelemetry.trace import NonRecordingSpan, SpanContext, TraceFlags
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

__all__ = ["BAGGAGE", "TRACEPARENT", "extract", "inject", "is_unsampled"]

TRACEPARENT, TRACESTATE, BAGGAGE = "traceparent", "tracestate", "baggage"
LENGTH = 55
SAMPLED_ENDINGS = "13579bdf"
"""The last hexadecimal digit has the bit."""
_trace = TraceContextTextMapPropagator()
_baggage = W3CBaggagePropagator()


def is_unsampled(headers: Mapping[str, str]) -> bool:
    """Whether the headers come from a call that nobody records."""
    traceparent = headers.get(TRACEPARENT, "")
    return traceparent != "" and traceparent[-1] not in SAMPLED_ENDINGS


def inject(carrier: dict[str, str], span: SpanContext) -> None:
    """Add where a span is, and the baggage of the present context."""
    if span.is_valid:
        carrier[TRACEPARENT] = (
            f"00-{span.trace_id:032x}-{span.span_id:016x}-{span.trace_flags:02x}"
        )
        if span.trace_state:
            carrier[TRACESTATE] = span.trace_state.to_header()
    context = otel.get_current()
    if context and baggage.get_all(context):
        _baggage.inject(carrier)


def extract(headers: Mapping[str, str]) -> Context:
    """A context with what the headers say; an empty one if they say nothing."""
    context = Context()
    traceparent = headers.get(TRACEPARENT)
    if traceparent is not None:
        span = None if TRACESTATE in headers else _parse(traceparent)
        if span is not None:
            context = trace.set_span_in_context(NonRecordingSpan(span), context)
        else:
            context = _trace.extract(headers, context)
    return _baggage.extract(headers, context) if BAGGAGE in headers else context


def _parse(traceparent: str) -> SpanContext | None:
    """The plain form of version 00; anything else is looked at closely elsewhere."""
    if len(traceparent) != LENGTH or traceparent[:3] != "00-":
        return None
    try:
        found = SpanContext(
            int(traceparent[3:35], 16),
            int(traceparent[36:52], 16),
            True,
            TraceFlags(int(traceparent[53:], 16)),
        )
    except ValueError:
        return None
    return found if found.is_valid else None
