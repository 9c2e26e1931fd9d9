"""What spans about messages are called, what they say, and how they are nested."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from opentelemetry import context as otel
from opentelemetry import trace
from opentelemetry.trace import Span, Status, StatusCode, Tracer

from protoactor import telemetry
from protoactor._actor import actor_type

if TYPE_CHECKING:
    from protoactor._context import Context
    from protoactor.middleware import Sent

__all__ = [
    "attributes_of",
    "current_span",
    "end",
    "send_attributes",
    "start",
    "type_name",
    "unsampled",
]


def attributes_of(
    verb: str, message: object, context: Context | None
) -> dict[str, str]:
    attributes = {
        telemetry.ACTION: verb,
        telemetry.MESSAGE_TYPE: type_name(message),
        telemetry.ACTOR_TYPE: "<None>",
    }
    if context is not None:
        attributes[telemetry.ACTOR_TYPE] = actor_type(context.actor)
        attributes[telemetry.ACTOR_PID] = str(context.self)
    return attributes


def send_attributes(verb: str, call: Sent) -> dict[str, str]:
    attributes = attributes_of(verb, call.envelope.message, call.context)
    attributes[telemetry.TARGET_PID] = str(call.target)
    if call.envelope.sender is not None:
        attributes[telemetry.SENDER_PID] = str(call.envelope.sender)
    return attributes


def start(tracer: Tracer, attributes: Mapping[str, str], parent: otel.Context) -> Span:
    in_actor = telemetry.ACTOR_PID in attributes
    name = telemetry.SPAN_NAME.format(
        source=attributes[telemetry.ACTOR_TYPE] if in_actor else "Root",
        verb=attributes[telemetry.ACTION],
        message=attributes[telemetry.MESSAGE_TYPE],
    )
    return tracer.start_span(name, parent, attributes=attributes)


@contextmanager
def current_span(
    tracer: Tracer | None, attributes: Mapping[str, str], parent: otel.Context
) -> Generator[Span | None]:
    """Make a new span below `parent` the current one; only `parent` if unsampled."""
    span = None
    if tracer is not None and not unsampled(parent):
        span = start(tracer, attributes, parent)
        parent = trace.set_span_in_context(span, parent)
    token = otel.attach(parent)
    error: BaseException | None = None
    try:
        yield span
    except BaseException as raised:
        error = raised
        raise
    finally:
        otel.detach(token)
        if span is not None:
            end(span, error)


def unsampled(context: otel.Context) -> bool:
    above = trace.get_current_span(context).get_span_context()
    return above.is_valid and not above.trace_flags.sampled


def end(span: Span, error: BaseException | None) -> None:
    if error is not None:
        span.record_exception(error)
        span.set_status(Status(StatusCode.ERROR, str(error)))
    span.end()


def type_name(value: object) -> str:
    return type(value).__name__
