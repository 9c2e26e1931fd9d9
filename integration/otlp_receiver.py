"""Takes spans as a collector does: OTLP over gRPC, on a loopback port."""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import grpc
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from opentelemetry.proto.trace.v1 import trace_pb2

__all__ = ["Branch", "OtlpReceiver", "ReceivedSpan", "receiving"]

SERVICE = "opentelemetry.proto.collector.trace.v1.TraceService"
PATIENCE = 30.0
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ReceivedSpan:
    """One span as it came."""

    service: str
    trace: str
    id: str
    parent: str
    name: str
    start: int
    failed: bool
    attributes: dict[str, Any]
    events: tuple[str, ...]
    links: tuple[tuple[str, str, str], ...]
    """Why, the trace, and the span."""


@dataclass(frozen=True, slots=True)
class Branch:
    """A span and those below it."""

    span: ReceivedSpan
    children: tuple[Branch, ...]

    @property
    def failed(self) -> bool:
        return self.span.failed

    def lines(self, depth: int = 0) -> list[str]:
        """The tree as text: names by depth, and the processes."""
        below = [line for child in self.children for line in child.lines(depth + 1)]
        return [f"{'  ' * depth}{self.span.name} @{self.span.service}", *below]


class OtlpReceiver:
    """The spans of all processes that export to `endpoint`."""

    def __init__(self) -> None:
        self.endpoint = ""
        self._spans: list[ReceivedSpan] = []
        self._changed = threading.Condition()

    def export(
        self, request: ExportTraceServiceRequest, context: grpc.ServicerContext
    ) -> ExportTraceServiceResponse:
        with self._changed:
            for resource in request.resource_spans:
                service = _attributes(resource.resource.attributes)["service.name"]
                for scope in resource.scope_spans:
                    self._spans += [_read(service, span) for span in scope.spans]
            self._changed.notify_all()
        return ExportTraceServiceResponse()

    def spans(self, name: str = "") -> list[ReceivedSpan]:
        """What has come so far, of this name if one is given."""
        with self._changed:
            return [span for span in self._spans if name in ("", span.name)]

    def until(self, look: Callable[[], T | None], what: str) -> T:
        """Wait until `look` finds something; blocks, so call it in a thread."""
        ends = time.monotonic() + PATIENCE
        with self._changed:
            while True:
                found = look()
                if found is not None:
                    return found
                left = ends - time.monotonic()
                if left <= 0:
                    came = sorted({span.name for span in self._spans})
                    raise AssertionError(f"{what} did not come; only {came}")
                self._changed.wait(min(left, 1.0))

    def tree(self, trace: str) -> Branch | None:
        """A trace by its root, which comes last; `None` if it has not come."""
        with self._changed:
            spans = [span for span in self._spans if span.trace == trace]
        children: defaultdict[str, list[ReceivedSpan]] = defaultdict(list)
        for span in spans:
            children[span.parent].append(span)
        roots = children[""]
        return _branch(roots[0], children) if roots else None


def _branch(
    span: ReceivedSpan, children: defaultdict[str, list[ReceivedSpan]]
) -> Branch:
    below: Sequence[ReceivedSpan] = sorted(children[span.id], key=lambda s: s.start)
    return Branch(span, tuple(_branch(child, children) for child in below))


def _read(service: str, span: trace_pb2.Span) -> ReceivedSpan:
    return ReceivedSpan(
        service=service,
        trace=span.trace_id.hex(),
        id=span.span_id.hex(),
        parent=span.parent_span_id.hex(),
        name=span.name,
        start=span.start_time_unix_nano,
        failed=span.status.code == trace_pb2.Status.STATUS_CODE_ERROR,
        attributes=_attributes(span.attributes),
        events=tuple(event.name for event in span.events),
        links=tuple(
            (
                _attributes(link.attributes).get("protoactor.link", ""),
                link.trace_id.hex(),
                link.span_id.hex(),
            )
            for link in span.links
        ),
    )


def _attributes(pairs: Any) -> dict[str, Any]:
    values = ((pair.key, pair.value) for pair in pairs)
    return {key: getattr(value, value.WhichOneof("value")) for key, value in values}


@contextmanager
def receiving() -> Generator[OtlpReceiver, None, None]:
    """A receiver that listens."""
    server = grpc.server(ThreadPoolExecutor(4))
    receiver = OtlpReceiver()
    export = grpc.unary_unary_rpc_method_handler(
        receiver.export,
        request_deserializer=ExportTraceServiceRequest.FromString,
        response_serializer=ExportTraceServiceResponse.SerializeToString,
    )
    server.add_generic_rpc_handlers(
        (grpc.method_handlers_generic_handler(SERVICE, {"Export": export}),)
    )
    port = server.add_insecure_port("127.0.0.1:0")
    receiver.endpoint = f"http://127.0.0.1:{port}"
    server.start()
    try:
        yield receiver
    finally:
        server.stop(1.0).wait()
