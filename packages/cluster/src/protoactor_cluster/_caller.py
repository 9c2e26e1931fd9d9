"""Calls to virtual actors: deadline, trace, outcome."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from opentelemetry import context as otel
from opentelemetry.trace import Span, SpanKind

from protoactor import PID, NotDelivered
from protoactor_cluster import telemetry
from protoactor_cluster._attempts import DEFAULT, Attempts, CallOptions
from protoactor_cluster._delivery import UNANSWERED, Delivery
from protoactor_cluster._method import Method
from protoactor_cluster._reply import failure_of
from protoactor_cluster._spans import Verdict, context_of, end
from protoactor_cluster.call import IDEMPOTENCY_KEY, Call, current_call
from protoactor_cluster.errors import CallCycle
from protoactor_cluster.identity import ClusterIdentity
from protoactor_cluster.wire import grain_pb2

if TYPE_CHECKING:
    from protoactor_cluster.cluster import Cluster

__all__ = ["Caller"]

UNRECORDED, SKIPPED = Verdict.UNRECORDED, Verdict.SKIPPED


class Caller:
    """Makes the calls of one member or client."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._spans = cluster.spans
        self._random = random.Random(cluster.system.id)

    async def invoke(
        self,
        identity: ClusterIdentity,
        method: Method,
        options: CallOptions,
        args: tuple[object, ...],
        kwargs: dict[str, object],
    ) -> Any:
        """Call a method of a grain: what it returned, or raised.

        As `call`, and longer than a function should be: the ordinary case, in which
        nobody watches and no call is above, takes no other coroutine than this one.
        """
        cluster, message = self._cluster, method.encode_call(args, kwargs)
        reply: object = None  # which no reply is
        verdict = self._spans.verdict() if self._spans.recording() else UNRECORDED
        if (
            (verdict is not UNRECORDED and verdict is not SKIPPED)
            or current_call.get() is not None
            or cluster.durations is not None
            or cluster.observer is not None
        ):
            reply = await self.call(
                identity, message, options, method.attribute, verdict
            )
        else:
            timeout, headers, token = options.timeout, options.headers, None
            if timeout is None:
                timeout = cluster.request_timeout
            if options is not DEFAULT:
                headers = _headers(None, options)
            if verdict is SKIPPED:
                headers = self._spans.skipped_headers(headers)
                token = self._spans.skip()
            try:
                started, failed = cluster.system.loop.time(), None
                pid = cluster.pid_cache.get(identity)
                if pid is not None:
                    try:
                        reply = await cluster.system.request(
                            pid, message, timeout=timeout, headers=headers
                        )
                    except UNANSWERED as error:
                        failed = error
                if reply is None:
                    attempts = self._attempts(timeout, options, started)
                    delivery = Delivery(
                        cluster, identity, message, options, headers, attempts
                    )
                    reply = await delivery.ask(pid, failed)
            finally:
                if token is not None:
                    otel.detach(token)
        if isinstance(reply, grain_pb2.GrainErrorResponse):
            raise failure_of(reply, cluster.error_types)
        return method.decode_result(reply)

    async def call(
        self,
        identity: ClusterIdentity,
        message: object,
        options: CallOptions,
        name: str,
        verdict: Verdict | None = None,
    ) -> object:
        """The reply; see `Context.request` for what it raises."""
        above = current_call.get()
        if above is not None and not options.reentrant:
            _refuse_cycle(above, identity)
        attempts = self._begin(above, options)
        headers = _headers(above, options)
        if verdict is None:
            verdict = self._spans.verdict()
        if verdict is not UNRECORDED or self._is_watched:
            return await self._observed(
                identity, message, options, attempts, headers, name, verdict
            )
        delivery = Delivery(
            self._cluster, identity, message, options, headers, attempts
        )
        return await delivery.ask(self._cluster.pid_cache.get(identity))

    async def locate(self, identity: ClusterIdentity, timeout: float | None) -> PID:
        """Where the identity lives, activating it if need be."""
        options = CallOptions(timeout=timeout)
        attempts = self._begin(current_call.get(), options)
        delivery = Delivery(self._cluster, identity, None, options, None, attempts)
        while True:
            try:
                cached = self._cluster.pid_cache.get(identity)
                return cached or await delivery.look_up()
            except NotDelivered as error:
                if attempts.useless(error):
                    raise
                await attempts.again(error)

    @property
    def _is_watched(self) -> bool:
        """Whether somebody takes notes of calls, recorded or not."""
        return self._cluster.durations is not None or self._cluster.observer is not None

    async def _observed(
        self,
        identity: ClusterIdentity,
        message: object,
        options: CallOptions,
        attempts: Attempts,
        headers: Mapping[str, str] | None,
        name: str,
        verdict: Verdict,
    ) -> object:
        cluster, spans = self._cluster, self._spans
        span: Span | None = None
        if verdict is SKIPPED:
            headers, within = spans.skipped_headers(headers), spans.skipping()
        else:
            span = self._start_span(identity, name, kept=verdict is Verdict.KEPT)
            headers, within = spans.headers(span, headers), spans.activate(span)
        attempts.trace = context_of(span)
        seen = span if span is not None and span.is_recording() else None
        problem: BaseException | None = None
        try:
            with within:
                delivery = Delivery(
                    cluster, identity, message, options, headers, attempts, seen
                )
                reply = await delivery.ask(cluster.pid_cache.get(identity))
            if isinstance(reply, grain_pb2.GrainErrorResponse):
                problem = failure_of(reply, cluster.error_types)
            return reply
        except BaseException as error:
            problem = error
            raise
        finally:
            if seen is not None:
                end(seen, problem, {telemetry.ATTEMPTS: attempts.made})
            self._note(identity, name, attempts, problem)

    def _note(
        self,
        identity: ClusterIdentity,
        name: str,
        attempts: Attempts,
        problem: BaseException | None,
    ) -> None:
        cluster, took = self._cluster, attempts.timeout - attempts.remaining
        if cluster.durations is not None:
            cluster.durations.called(took, identity.kind, name, attempts.cached)
        if cluster.observer is not None:
            slow_calls = cluster.observer.slow_calls
            slow_calls.note(identity, name, attempts, took, problem)

    def _start_span(
        self, identity: ClusterIdentity, name: str, *, kept: bool
    ) -> Span | None:
        return self._spans.start(
            telemetry.GRAIN_CALL,
            attributes={
                telemetry.IDENTITY: str(identity),
                telemetry.KIND: identity.kind,
                telemetry.METHOD: name,
            },
            kind=SpanKind.CLIENT,
            kept=kept,
        )

    def _begin(self, above: Call | None, options: CallOptions) -> Attempts:
        """With the call's own time, or what is left of the call that makes it."""
        now, timeout = self._cluster.system.loop.time(), options.timeout
        if timeout is None:
            timeout = self._cluster.request_timeout
        if above is not None and above.deadline is not None:
            timeout = min(timeout, above.deadline - now)
        return self._attempts(timeout, options, now)

    def _attempts(
        self, timeout: float, options: CallOptions, started: float
    ) -> Attempts:
        loop = self._cluster.system.loop
        return Attempts(loop, self._random, timeout, options.retries, started)


def _refuse_cycle(above: Call, identity: ClusterIdentity) -> None:
    chain = above.chain
    if str(identity) in chain:
        raise CallCycle((*chain, str(identity)))


def _headers(above: Call | None, options: CallOptions) -> Mapping[str, str] | None:
    if above is None and options.idempotency_key is None:
        return options.headers
    headers = dict(options.headers or {})
    if above is not None:
        headers.update(above.nested_headers())
    if options.idempotency_key is not None:
        headers[IDEMPOTENCY_KEY] = options.idempotency_key
    return headers
