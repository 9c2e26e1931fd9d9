"""Spans for messages, with the names and attributes of Proto.Actor for .NET.

Off until asked for. A span covers the sending of a message, or all of a request,
another one its handling; the context travels in the headers of the envelope (W3C).
Without an OpenTelemetry SDK no span object is made, nor below an unsampled parent.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar, cast

from opentelemetry import context as otel
from opentelemetry import propagate, trace
from opentelemetry.trace import Span, Tracer

from protoactor import telemetry
from protoactor._envelope import Envelope
from protoactor._message_spans import (
    attributes_of,
    current_span,
    end,
    send_attributes,
    start,
    type_name,
    unsampled,
)
from protoactor._pid import PID
from protoactor._props import Props
from protoactor.messages import (
    PoisonPill,
    ReceiveTimeout,
    Restarting,
    Started,
    Stopped,
    Stopping,
    Terminated,
)
from protoactor.middleware import Received, ReceiveHandler, SendHandler, Sent

if TYPE_CHECKING:
    import asyncio

    from protoactor._context import Context

__all__ = ["Tracing"]

T = TypeVar("T")
SpanHook: TypeAlias = Callable[[Span, object], None]
"""Called with a new span and the message it is about."""

UNTRACED = (
    PoisonPill | ReceiveTimeout | Restarting | Started | Stopped | Stopping | Terminated
)


class Tracing:
    """Middleware that traces the messages of a system, or of some actors.

    >>> tracing = Tracing()
    >>> system = ActorSystem(
    ...     configure_props=tracing.props, send_middleware=[tracing.send]
    ... )

    `on_send` and `on_receive` may add attributes of their own to new spans.
    """

    def __init__(
        self, *, on_send: SpanHook | None = None, on_receive: SpanHook | None = None
    ) -> None:
        self._on_send = on_send
        self._on_receive = on_receive

    def props(self, props: Props) -> Props:
        """The same props, traced: what such an actor receives, sends and resumes."""
        return replace(
            props,
            receive_middleware=(self.receive, *props.receive_middleware),
            send_middleware=(self.send, *props.send_middleware),
            context_decorators=(self.context, *props.context_decorators),
        )

    def context(self, context: Context) -> Context:
        """A context whose `reenter_after` goes on in the trace it was called in."""
        return cast("Context", _TracedContext(context))

    def send(self, call: Sent, next: SendHandler) -> None:
        """Send middleware."""
        tracer = call.system.telemetry.tracer
        here = otel.get_current()
        if tracer is None:
            next(call)
        elif _is_response(call):
            _note_response(call)
            next(_carrying(call, here))
        elif unsampled(here):
            next(_carrying(call, here))
        else:
            self._send_in_span(tracer, call, next)

    async def receive(self, call: Received, next: ReceiveHandler) -> None:
        """Receive middleware."""
        tracer = call.context.system.telemetry.tracer
        message = call.envelope.message
        if tracer is None or isinstance(message, UNTRACED):
            await next(call)
            return
        parent = propagate.extract(call.envelope.headers or {}, otel.Context())
        attributes = attributes_of("Receive", message, call.context)
        if call.envelope.sender is not None:
            attributes[telemetry.SENDER_PID] = str(call.envelope.sender)
        with current_span(tracer, attributes, parent) as span:
            if self._on_receive and span:
                self._on_receive(span, message)
            await next(call)

    def _send_in_span(self, tracer: Tracer, call: Sent, next: SendHandler) -> None:
        message = call.envelope.message
        verb = _verb(call)
        span = start(tracer, send_attributes(verb, call), otel.get_current())
        if self._on_send:
            self._on_send(span, message)
        try:
            next(_carrying(call, trace.set_span_in_context(span)))
        except BaseException as error:
            end(span, error)
            raise
        if verb != "RequestAsync" or not _end_with_reply(span, call):
            span.end()


class _TracedContext:
    """The context it was made from, but for `reenter_after`."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def __getattr__(self, name: str) -> Any:
        return getattr(self._context, name)

    def reenter_after(
        self,
        awaitable: Awaitable[T],
        callback: Callable[[asyncio.Future[T]], Awaitable[None] | None],
    ) -> None:
        self._context.reenter_after(awaitable, self._traced(callback))

    def _traced(
        self, callback: Callable[[asyncio.Future[T]], Awaitable[None] | None]
    ) -> Callable[[asyncio.Future[T]], Awaitable[None] | None]:
        context, parent = self._context, otel.get_current()
        tracer, message = context.system.telemetry.tracer, context.message

        async def reenter(done: asyncio.Future[T]) -> None:
            attributes = attributes_of("ReenterAfter", message, context)
            with current_span(tracer, attributes, parent):
                result = callback(done)
                if result is not None:
                    await result

        return callback if tracer is None else reenter

    def request_reenter(
        self,
        target: PID,
        message: object,
        callback: Callable[[asyncio.Future[Any]], Awaitable[None] | None],
        *,
        returns: type[Any] | None = None,
        timeout: float | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self._context.request_reenter(
            target,
            message,
            self._traced(callback),
            returns=returns,
            timeout=timeout,
            headers=headers,
        )


def _verb(call: Sent) -> str:
    envelope = call.envelope
    if call.context is not None and envelope is call.context.envelope:
        return "Forward"
    if envelope.sender is None:
        return "Send"
    return "RequestAsync" if envelope.sender.request_id else "Request"


def _is_response(call: Sent) -> bool:
    context = call.context
    return context is not None and context.sender == call.target


def _note_response(call: Sent) -> None:
    """A response has no span of its own: the span of its handler says what it was."""
    span = trace.get_current_span()
    span.set_attribute(telemetry.ACTION, "Respond")
    span.set_attribute(telemetry.RESPONSE_TYPE, type_name(call.envelope.message))


def _carrying(call: Sent, context: otel.Context) -> Sent:
    """The call with the trace context in its headers."""
    envelope = call.envelope
    headers = dict(envelope.headers or {})
    propagate.inject(headers, context)
    if call.context is None or envelope is not call.context.envelope:
        envelope.headers = headers
        return call
    forwarded = Envelope(envelope.message, envelope.sender, headers, envelope.deadline)
    return replace(call, envelope=forwarded)


def _end_with_reply(span: Span, call: Sent) -> bool:
    """Let the span last until the request ends; false if nobody waits for it."""
    sender = call.envelope.sender
    request = call.system.requests.find(sender) if sender else None
    if request is None:
        return False

    def ended(reply: object, error: BaseException | None) -> None:
        if isinstance(error, TimeoutError):
            span.add_event("Request Timeout")
        if error is None:
            span.set_attribute(telemetry.RESPONSE_TYPE, type_name(reply))
        end(span, error)

    request.observer = ended
    return True
