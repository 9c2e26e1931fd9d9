"""The member of `_member`, with an SDK: PORT, and which SHARE of calls it records."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Generator, Sequence
from contextlib import contextmanager

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import (
    BatchSpanProcessor,
    SpanExporter,
    SpanExportResult,
)

from benchmarks._member import main
from protoactor_cluster.sampler import ClusterSampler

__all__ = ["tracers"]


class Encoder(SpanExporter):
    """All that an OTLP exporter does but sending."""

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        encode_spans(spans).SerializeToString()
        return SpanExportResult.SUCCESS


@contextmanager
def tracers(share: float | None) -> Generator[TracerProvider | None]:
    """An SDK as a program sets it up; `None`: there is none."""
    if share is None:
        yield None
        return
    provider = TracerProvider(sampler=ClusterSampler(share))
    provider.add_span_processor(BatchSpanProcessor(Encoder()))
    try:
        yield provider
    finally:
        provider.shutdown()


if __name__ == "__main__":
    with tracers(float(sys.argv[2])) as made:
        assert made is not None
        trace.set_tracer_provider(made)
        asyncio.run(main(int(sys.argv[1])))
