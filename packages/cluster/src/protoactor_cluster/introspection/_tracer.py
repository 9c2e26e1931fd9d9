"""A tracer that only remembers, for processes without an OpenTelemetry SDK."""

from __future__ import annotations

import random
import time
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from opentelemetry.context import Context
from opentelemetry.trace import (
    Link,
    Span,
    SpanContext,
    SpanKind,
    Status,
    StatusCode,
    TraceFlags,
    Tracer,
    TracerProvider,
    get_current_span,
    use_span,
)
from opentelemetry.util.types import Attributes, AttributeValue

from protoactor_cluster.introspection._span_memory import FinishedSpan, SpanMemory

__all__ = ["MemoryTracerProvider"]


class MemoryTracerProvider(TracerProvider):
    """Its spans end up in a `SpanMemory`, and nowhere else."""

    def __init__(self, memory: SpanMemory) -> None:
        self._tracer = MemoryTracer(memory)

    def get_tracer(self, *_: object, **__: object) -> Tracer:
        return self._tracer


class MemoryTracer(Tracer):
    """Every span is recorded."""

    def __init__(self, memory: SpanMemory) -> None:
        self._memory = memory
        self._random = random.Random()

    def start_span(
        self,
        name: str,
        context: Context | None = None,
        kind: SpanKind = SpanKind.INTERNAL,
        attributes: Attributes = None,
        links: Sequence[Link] | None = None,
        start_time: int | None = None,
        record_exception: bool = True,
        set_status_on_exception: bool = True,
    ) -> Span:
        parent = get_current_span(context).get_span_context()
        own = SpanContext(
            parent.trace_id if parent.is_valid else self._random.getrandbits(128) | 1,
            self._random.getrandbits(64) | 1,
            is_remote=False,
            trace_flags=TraceFlags(TraceFlags.SAMPLED),
        )
        above = parent.span_id if parent.is_valid else 0
        return MemorySpan(self._memory, name, own, above, dict(attributes or {}))

    @contextmanager
    def start_as_current_span(  # type: ignore[override] # it wants a private type
        self,
        name: str,
        context: Context | None = None,
        kind: SpanKind = SpanKind.INTERNAL,
        attributes: Attributes = None,
        *_: Any,
        **__: Any,
    ) -> Generator[Span, None, None]:
        span = self.start_span(name, context, kind, attributes)
        with use_span(span, end_on_exit=True):
            yield span


class MemorySpan(Span):
    """Keeps what is shown: a name, a time, attributes and what went wrong."""

    def __init__(
        self,
        memory: SpanMemory,
        name: str,
        context: SpanContext,
        parent_id: int,
        attributes: dict[str, object],
    ) -> None:
        self._memory: SpanMemory | None = memory
        self._name = name
        self._context = context
        self._parent_id = parent_id
        self._attributes = attributes
        self._started = time.time_ns()
        self._error = ""

    def get_span_context(self) -> SpanContext:
        return self._context

    def set_attributes(self, attributes: Mapping[str, AttributeValue]) -> None:
        self._attributes.update(attributes)

    def set_attribute(self, key: str, value: AttributeValue) -> None:
        self._attributes[key] = value

    def add_event(
        self, name: str, attributes: Attributes = None, timestamp: int | None = None
    ) -> None:
        self._attributes[name] = ", ".join(map(str, (attributes or {}).values()))

    def add_link(self, context: SpanContext, attributes: Attributes = None) -> None:
        why = ", ".join(map(str, (attributes or {}).values()))
        self._attributes[f"link {why}".rstrip()] = f"{context.trace_id:032x}"

    def update_name(self, name: str) -> None:
        self._name = name

    def is_recording(self) -> bool:
        return self._memory is not None

    def set_status(
        self, status: Status | StatusCode, description: str | None = None
    ) -> None:
        code = status.status_code if isinstance(status, Status) else status
        said = status.description if isinstance(status, Status) else description
        self._error = (said or "failed") if code is StatusCode.ERROR else ""

    def record_exception(
        self,
        exception: BaseException,
        attributes: Attributes = None,
        timestamp: int | None = None,
        escaped: bool = False,
    ) -> None:
        self._attributes["exception"] = type(exception).__qualname__

    def end(self, end_time: int | None = None) -> None:
        memory, self._memory = self._memory, None
        if memory is not None:
            ended = end_time or time.time_ns()
            finished = FinishedSpan(
                self._name,
                self._context,
                self._parent_id,
                self._started,
                ended,
                self._error,
                self._attributes,
            )
            memory.add(finished)
