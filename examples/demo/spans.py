"""Spans on standard output, and their tree for people."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import lines
from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import (
    SimpleSpanProcessor,
    SpanExporter,
    SpanExportResult,
)

SHOWN = (
    "protoactor.identity",
    "protoactor.owner.address",
    "protoactor.host.address",
    "protoactor.handover.activations",
)


class LineExporter(SpanExporter):
    """Writes what is shown: the first calls, and every hand-over."""

    LIMIT = 200

    def __init__(self) -> None:
        self._written = 0

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        for span in spans:
            is_call = not span.name.startswith(("cluster.", "handover"))
            self._written += is_call
            if not is_call or self._written <= self.LIMIT:
                _write(span)
        return SpanExportResult.SUCCESS


def write_spans() -> None:
    """Record spans in this process and write them as JSON lines."""
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(LineExporter()))
    trace.set_tracer_provider(provider)


def _write(span: ReadableSpan) -> None:
    context = span.context
    attributes = dict(span.attributes or {})
    lines.write(
        "span",
        trace=f"{context.trace_id:032x}" if context else "",
        id=f"{context.span_id:016x}" if context else "",
        parent=f"{span.parent.span_id:016x}" if span.parent else None,
        name=span.name,
        start=span.start_time,
        end=span.end_time,
        shown=[str(attributes[name]) for name in SHOWN if name in attributes],
    )


@dataclass(frozen=True, slots=True)
class Span:
    trace: str
    id: str
    parent: str | None
    name: str
    start: int
    end: int
    shown: list[str]
    process: str

    @classmethod
    def read(cls, values: dict[str, Any], process: str) -> Span:
        fields = {name: values[name] for name in cls.__slots__ if name in values}
        return cls(**fields, process=process)


def tree(spans: Sequence[Span]) -> Iterator[str]:
    """The spans of the first call that needed an activation, as indented lines."""
    by_trace: defaultdict[str, list[Span]] = defaultdict(list)
    for span in spans:
        by_trace[span.trace].append(span)
    for found in by_trace.values():
        if any(span.name == "activation.start" for span in found):
            yield from _branch(found, _roots(found))
            return


def handover(spans: Sequence[Span], process: str) -> Iterator[str]:
    """The newest finished hand-over of a process, as indented lines."""
    by_trace: defaultdict[str, list[Span]] = defaultdict(list)
    for span in spans:
        by_trace[span.trace].append(span)
    for found in reversed(by_trace.values()):
        names = [span.name for span in found if span.process == process]
        if "handover" in names and "handover.pull" in names:
            yield from _branch(found, _roots(found))
            return


def _roots(spans: list[Span]) -> list[Span]:
    ids = {span.id for span in spans}
    return [span for span in spans if span.parent not in ids]


def _branch(spans: list[Span], level: list[Span], depth: int = 0) -> Iterator[str]:
    for span in sorted(level, key=lambda span: span.start):
        name = f"{'  ' * depth}{span.name}"
        took = (span.end - span.start) / 1e6
        yield f"{name:<34} {took:8.2f} ms  {span.process:<9} {' '.join(span.shown)}"
        children = [child for child in spans if child.parent == span.id]
        yield from _branch(spans, children, depth + 1)
