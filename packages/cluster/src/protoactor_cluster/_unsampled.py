"""Calls that nobody records, as cheaply as can be.

A sampler that has `skips()` is asked before any span is made. What it skips shares
one trace id per process, so that nothing has to be made or parsed for each call.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping

from opentelemetry import context as otel
from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.trace import NonRecordingSpan, SpanContext, TraceFlags, Tracer

from protoactor_cluster._trace_headers import BAGGAGE, TRACEPARENT, extract, inject

__all__ = ["KEPT", "Unsampled"]

KEPT = otel.create_key("protoactor-kept")
"""In the context of a new span that its sampler has decided on already."""
MOST = 256
"""Contexts of other processes that are remembered."""


class Unsampled:
    """Which new calls are skipped, and what those carry that are."""

    def __init__(self) -> None:
        self._tracer: Tracer | None = None
        self._skips: Callable[[], bool] | None = None
        ids = random.Random()
        span = SpanContext(
            ids.getrandbits(128) | 1, ids.getrandbits(64) | 1, False, TraceFlags(0)
        )
        self.context = trace.set_span_in_context(NonRecordingSpan(span), Context())
        self._headers: dict[str, str] = {}
        inject(self._headers, span)
        self._contexts: dict[str, Context] = {}

    def skips(self, tracer: Tracer | None) -> bool | None:
        """Whether a call that begins here is not recorded; `None`: it is not known."""
        if tracer is not self._tracer:
            self._tracer = tracer
            sampler = getattr(tracer, "sampler", None)
            self._skips = getattr(sampler, "skips", None)
        if self._skips is None or otel.get_current():
            return None
        return self._skips()

    def headers(self, headers: Mapping[str, str] | None) -> Mapping[str, str]:
        """What a skipped call carries."""
        return self._headers if headers is None else {**headers, **self._headers}

    def within(self, headers: Mapping[str, str]) -> Context:
        """The context of a skipped call that came from elsewhere."""
        traceparent = headers.get(TRACEPARENT)
        if traceparent is None or BAGGAGE in headers:
            return extract(headers)
        context = self._contexts.get(traceparent)
        if context is None:
            if len(self._contexts) >= MOST:
                self._contexts.clear()
            context = self._contexts[traceparent] = extract(headers)
        return context
