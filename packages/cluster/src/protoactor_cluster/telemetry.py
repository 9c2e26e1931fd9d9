"""Every span, metric and attribute name of this package, and how spans travel.

One trace holds a call from end to end:
`grain.call` > `identity.lookup` > `identity.owner` > `activation.place` >
`activation.start`, and `grain.call` > `grain.handle`. A topology change is a trace
per member: `cluster.topology` > `handover` > `handover.pull` > `handover.serve`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.trace import Link, Span, SpanKind, Status, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from protoactor.telemetry import Telemetry

__all__ = ["SPANS", "Spans", "end"]

GRAIN_CALL = "grain.call"
IDENTITY_LOOKUP = "identity.lookup"
IDENTITY_OWNER = "identity.owner"
ACTIVATION_PLACE = "activation.place"
ACTIVATION_START = "activation.start"
GRAIN_HANDLE = "grain.handle"
TOPOLOGY = "cluster.topology"
HANDOVER = "handover"
HANDOVER_PULL = "handover.pull"
HANDOVER_SERVE = "handover.serve"

SPANS = (
    GRAIN_CALL,
    IDENTITY_LOOKUP,
    IDENTITY_OWNER,
    ACTIVATION_PLACE,
    ACTIVATION_START,
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
TOPOLOGY_HASH = "protoactor.topology.hash"
TOPOLOGY_VERSION = "protoactor.topology.version"
MEMBERS = "protoactor.topology.members"
ACTIVATIONS = "protoactor.handover.activations"
SKIPPED = "protoactor.handover.skipped"

Attributes = Mapping[str, str | int | float | bool]


class Spans:
    """Starts spans where somebody records them; otherwise it costs one check."""

    def __init__(self, telemetry: Telemetry) -> None:
        self._telemetry = telemetry
        self._propagator = TraceContextTextMapPropagator()

    @property
    def recording(self) -> bool:
        """Whether anybody may record; if not, no call need prepare anything."""
        return self._telemetry.tracer is not None

    def start(
        self,
        name: str,
        *,
        headers: Mapping[str, str] | None = None,
        parent: Span | None = None,
        attributes: Attributes | None = None,
        kind: SpanKind = SpanKind.INTERNAL,
        links: Sequence[Link] = (),
        root: bool = False,
    ) -> Span | None:
        """A span below `parent`, below what `headers` carry, or below the current one.

        `None` without an SDK, and below a parent that is not sampled.
        """
        tracer = self._telemetry.tracer
        if tracer is None:
            return None
        context = Context() if root else self._context(headers, parent)
        above = trace.get_current_span(context).get_span_context()
        if above.is_valid and not above.trace_flags.sampled:
            return None
        return tracer.start_span(
            name, context, kind, attributes=dict(attributes or {}), links=links
        )

    def headers(
        self, span: Span | None, headers: Mapping[str, str] | None = None
    ) -> Mapping[str, str] | None:
        """`headers` with the trace context of `span`, or of the current span."""
        if self._telemetry.tracer is None:
            return headers
        context = trace.set_span_in_context(span) if span else None
        if not trace.get_current_span(context).get_span_context().is_valid:
            return headers
        carrier = dict(headers or {})
        self._propagator.inject(carrier, context)
        return carrier

    def activate(self, span: Span | None) -> AbstractContextManager[object]:
        """Make the span the current one within a `with` block."""
        if span is None:
            return nullcontext()
        return trace.use_span(
            span,
            end_on_exit=False,
            record_exception=False,
            set_status_on_exception=False,
        )

    def _context(
        self, headers: Mapping[str, str] | None, parent: Span | None
    ) -> Context | None:
        if parent is not None:
            return trace.set_span_in_context(parent)
        if headers is not None:
            return self._propagator.extract(headers, Context())
        return None


def end(
    span: Span | None,
    error: BaseException | None = None,
    attributes: Attributes | None = None,
) -> None:
    """End a span, with what went wrong as its status."""
    if span is None:
        return
    for name, value in (attributes or {}).items():
        span.set_attribute(name, value)
    if error is not None:
        span.record_exception(error)
        span.set_attribute(OUTCOME, type(error).__name__)
        span.set_status(Status(StatusCode.ERROR, str(error)))
    span.end()
