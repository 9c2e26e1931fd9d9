"""Starts, nests, links and ends spans; a single check where nobody records any."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from contextvars import Token
from enum import Enum
from typing import TypeAlias

from opentelemetry import context as otel
from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.trace import (
    Link,
    Span,
    SpanContext,
    SpanKind,
    Status,
    StatusCode,
)

from protoactor.telemetry import Telemetry
from protoactor_cluster import telemetry
from protoactor_cluster._trace_headers import extract, inject, is_unsampled
from protoactor_cluster._unsampled import KEPT, Unsampled

__all__ = [
    "Attributes",
    "Spans",
    "Verdict",
    "context_of",
    "end",
    "fail",
    "link",
    "link_to",
    "parse",
    "to_headers",
]

Attributes: TypeAlias = Mapping[str, str | int | float | bool]


class Verdict(Enum):
    """Whether a call that begins here is recorded."""

    UNRECORDED = "nobody records anything"
    SKIPPED = "the sampler does not want it"
    KEPT = "the sampler wants it"
    OPEN = "starting its span will show"


class Spans:
    """Starts spans where somebody records them; otherwise it costs one check."""

    def __init__(self, source: Telemetry) -> None:
        self._source = source
        self.recording = source.recording
        """Whether anybody may record; if not, no call need prepare anything."""
        self._unsampled = Unsampled()

    def start(
        self,
        name: str,
        *,
        headers: Mapping[str, str] | None = None,
        parent: Span | None = None,
        attributes: Attributes | None = None,
        kind: SpanKind = SpanKind.INTERNAL,
        links: Sequence[Link] = (),
        kept: bool = False,
    ) -> Span | None:
        """A span below `parent`, what `headers` carry, or the current one.

        `None` without an SDK, and below a parent that is not sampled; `kept`: the
        sampler has decided already.
        """
        tracer = self._source.tracer
        if tracer is None:
            return None
        within: Context | None = None
        if parent is not None:
            within = trace.set_span_in_context(parent)
        elif headers is not None:
            if is_unsampled(headers):
                return None
            within = extract(headers)
        context = otel.get_current() if within is None else within
        if context:
            above = trace.get_current_span(context).get_span_context()
            if above.is_valid and not above.trace_flags.sampled:
                return None
        if kept:
            within = otel.set_value(KEPT, True, context)
        return tracer.start_span(name, within, kind, attributes=attributes, links=links)

    def verdict(self) -> Verdict:
        """Ask once per call: a sampler may draw lots."""
        tracer = self._source.tracer
        if tracer is None:
            return Verdict.UNRECORDED
        skips = self._unsampled.skips(tracer)
        if skips is None:
            return Verdict.OPEN
        return Verdict.SKIPPED if skips else Verdict.KEPT

    def skipped_headers(self, headers: Mapping[str, str] | None) -> Mapping[str, str]:
        """What a skipped call carries."""
        return self._unsampled.headers(headers)

    def skipping(self) -> AbstractContextManager[object]:
        """Where a skipped call happens."""
        return _Within(self._unsampled.context)

    def skip(self) -> Token[Context]:
        """Enter where a skipped call happens; `opentelemetry.context.detach` leaves."""
        return otel.attach(self._unsampled.context)

    def headers(
        self, span: Span | None, headers: Mapping[str, str] | None = None
    ) -> Mapping[str, str] | None:
        """`headers` with the trace context of `span`, or of the current span."""
        if self._source.tracer is None:
            return headers
        carrier = dict(headers or {})
        span = span or trace.get_current_span()
        inject(carrier, span.get_span_context())
        return carrier or headers

    def activate(self, span: Span | None) -> AbstractContextManager[object]:
        """Make the span the current one within a `with` block."""
        if span is None:
            return nullcontext()
        return _Within(trace.set_span_in_context(span))

    def enter(
        self, headers: Mapping[str, str], span: Span | None
    ) -> AbstractContextManager[object]:
        """Go on where the headers come from: in `span` if it was started for them."""
        context = self.origin(headers, span)
        return nullcontext() if context is None else _Within(context)

    def origin(self, headers: Mapping[str, str], span: Span | None) -> Context | None:
        """The context for `enter`, if there is one.

        Where no span was started, because the caller is not sampled, nothing within
        is sampled either.
        """
        if span is not None:
            return trace.set_span_in_context(span, extract(headers))
        if not headers or self._source.tracer is None:
            return None
        return self._unsampled.within(headers)


class _Within:
    """A context that is the present one inside of the block."""

    __slots__ = ("_context", "_token")

    def __init__(self, context: Context) -> None:
        self._context = context

    def __enter__(self) -> None:
        self._token = otel.attach(self._context)

    def __exit__(self, *_: object) -> None:
        otel.detach(self._token)


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
        fail(span, error)
    span.end()


def fail(span: Span, error: BaseException) -> None:
    """Say what went wrong."""
    span.record_exception(error)
    span.set_attribute(telemetry.OUTCOME, type(error).__name__)
    span.set_status(Status(StatusCode.ERROR, str(error)))


def context_of(span: Span | None) -> SpanContext | None:
    """Where links to this span lead, if anybody records it."""
    context = span.get_span_context() if span is not None else None
    return context if context is not None and context.trace_flags.sampled else None


def link_to(target: SpanContext | None, why: str) -> list[Link]:
    """Links of a new span to another trace; none if that is not recorded."""
    return [Link(target, {telemetry.LINK: why})] if target is not None else []


def link(span: Span | None, target: SpanContext | None, why: str) -> None:
    """Let a span name another trace, as what explains it."""
    if span is not None and target is not None:
        span.add_link(target, {telemetry.LINK: why})


def to_headers(target: SpanContext | None) -> Mapping[str, str] | None:
    """Headers that say where a link shall lead."""
    if target is None:
        return None
    carrier: dict[str, str] = {}
    inject(carrier, target)
    return carrier


def parse(headers: Mapping[str, str]) -> SpanContext | None:
    """The span whose context these headers carry, if anybody records it."""
    return context_of(trace.get_current_span(extract(headers)))
