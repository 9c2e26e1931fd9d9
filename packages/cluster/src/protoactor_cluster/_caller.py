"""One call to a virtual actor: deadline, retries, outcome."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from opentelemetry.trace import Span, SpanKind

from protoactor import PID, NotDelivered, OutcomeUnknown
from protoactor_cluster import telemetry
from protoactor_cluster._attempts import Attempts, CallOptions
from protoactor_cluster._method import Method
from protoactor_cluster._reply import failure_of
from protoactor_cluster._spans import context_of, end
from protoactor_cluster.call import IDEMPOTENCY_KEY, Call, current_call
from protoactor_cluster.errors import CallCycle, ClusterError
from protoactor_cluster.identity import ClusterIdentity
from protoactor_cluster.lookup import NotPlaced
from protoactor_cluster.wire import grain_pb2
from protoactor_remote import PeerBlocked

if TYPE_CHECKING:
    from protoactor_cluster.cluster import Cluster

__all__ = ["Caller"]

UNANSWERED = (NotDelivered, PeerBlocked, OutcomeUnknown)


class Caller:
    """Finds the activation and asks it, again where that is certainly safe."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._random = random.Random(cluster.system.id)

    async def invoke(
        self,
        identity: ClusterIdentity,
        method: Method,
        options: CallOptions,
        /,
        *args: object,
        **kwargs: object,
    ) -> Any:
        """Call a method of a grain: what it returned, or raised.

        As `call`, and longer than a function should be: the ordinary case, in which
        nobody traces and no call is above, takes no other coroutine than this one.
        """
        cluster, message = self._cluster, method.encode_call(args, kwargs)
        reply: object = None  # which no reply is
        if self._is_observed or current_call.get() is not None:
            reply = await self.call(identity, message, options, method.attribute)
        else:
            headers, timeout = options.headers, options.timeout
            if options.idempotency_key is not None:
                headers = _headers(None, options)
            if timeout is None:
                timeout = cluster.request_timeout
            started = cluster.system.loop.time()
            pid, dead = cluster.pid_cache.get(identity), None
            attempts: Attempts | None = None
            if pid is not None:
                try:
                    reply = await cluster.system.request(
                        pid, message, timeout=timeout, headers=headers
                    )
                except UNANSWERED as error:
                    attempts = self._attempts(timeout, options, started)
                    dead = await self._unanswered(
                        identity, pid, None, error, options, attempts, None
                    )
                    pid = cluster.pid_cache.get(identity)
            if reply is None:
                attempts = attempts or self._attempts(timeout, options, started)
                reply = await self._attempt(
                    identity, message, options, attempts, headers, None, pid, dead
                )
        if isinstance(reply, grain_pb2.GrainErrorResponse):
            raise failure_of(reply, cluster.error_types)
        return method.decode_result(reply)

    async def call(
        self,
        identity: ClusterIdentity,
        message: object,
        options: CallOptions,
        name: str,
    ) -> object:
        """The reply; see `Context.request` for what it raises."""
        above = current_call.get()
        if above is not None and not options.reentrant:
            _refuse_cycle(above, identity)
        attempts = self._begin(above, options)
        headers = _headers(above, options)
        if self._is_observed:
            return await self._observed(
                identity, message, options, attempts, headers, name
            )
        pid = self._cluster.pid_cache.get(identity)
        return await self._attempt(
            identity, message, options, attempts, headers, None, pid
        )

    @property
    def _is_observed(self) -> bool:
        """Whether anybody wants to know how a call went."""
        cluster = self._cluster
        return (
            cluster.durations is not None
            or cluster.observer is not None
            or cluster.spans.recording()
        )

    async def _observed(
        self,
        identity: ClusterIdentity,
        message: object,
        options: CallOptions,
        attempts: Attempts,
        headers: Mapping[str, str] | None,
        name: str,
    ) -> Any:
        cluster = self._cluster
        skips = cluster.spans.skips()
        span: Span | None = None
        if skips:
            within, headers = cluster.spans.skipped(headers)
        else:
            span = self._start_span(identity, name, kept=skips is False)
            within = cluster.spans.activate(span)
            headers = cluster.spans.headers(span, headers)
        attempts.trace = context_of(span)
        seen = span if span is not None and span.is_recording() else None
        problem: BaseException | None = None
        try:
            with within:
                pid = cluster.pid_cache.get(identity)
                reply = await self._attempt(
                    identity, message, options, attempts, headers, seen, pid
                )
            if isinstance(reply, grain_pb2.GrainErrorResponse):
                problem = failure_of(reply, cluster.error_types)
            return reply
        except BaseException as error:
            problem = error
            raise
        finally:
            if seen is not None:
                end(seen, problem, {telemetry.ATTEMPTS: attempts.made})
            took = attempts.timeout - attempts.remaining
            if cluster.durations is not None:
                cluster.durations.called(took, identity.kind, name, attempts.cached)
            if cluster.observer is not None:
                cluster.observer.slow_calls.note(
                    identity, name, attempts, took, problem
                )

    def _start_span(
        self, identity: ClusterIdentity, name: str, *, kept: bool
    ) -> Span | None:
        return self._cluster.spans.start(
            telemetry.GRAIN_CALL,
            attributes={
                telemetry.IDENTITY: str(identity),
                telemetry.KIND: identity.kind,
                telemetry.METHOD: name,
            },
            kind=SpanKind.CLIENT,
            kept=kept,
        )

    async def locate(self, identity: ClusterIdentity, timeout: float | None) -> PID:
        """Where the identity lives, activating it if need be."""
        options = CallOptions(timeout=timeout)
        attempts = self._begin(current_call.get(), options)
        while True:
            try:
                cached = self._cluster.pid_cache.get(identity)
                return cached or await self._look_up(identity, attempts, None, None)
            except NotDelivered as error:
                if attempts.useless(error):
                    raise
                await attempts.again(error)

    def _attempts(
        self, timeout: float, options: CallOptions, started: float
    ) -> Attempts:
        loop = self._cluster.system.loop
        return Attempts(loop, self._random, timeout, options.retries, started)

    def _begin(self, above: Call | None, options: CallOptions) -> Attempts:
        """With the call's own time, or what is left of the call that makes it."""
        now, timeout = self._cluster.system.loop.time(), options.timeout
        if timeout is None:
            timeout = self._cluster.request_timeout
        if above is not None and above.deadline is not None:
            timeout = min(timeout, above.deadline - now)
        return self._attempts(timeout, options, now)

    async def _attempt(
        self,
        identity: ClusterIdentity,
        message: object,
        options: CallOptions,
        attempts: Attempts,
        headers: Mapping[str, str] | None,
        span: Span | None,
        pid: PID | None,
        dead: PID | None = None,
    ) -> object:
        """Ask until there is an answer; `pid` is where the cache says it is."""
        cluster = self._cluster
        while True:
            try:
                if pid is None:
                    pid = await self._look_up(identity, attempts, dead, span)
                elif span is not None:
                    _note_target(span, pid, "cache")
                return await cluster.system.request(
                    pid, message, timeout=attempts.remaining, headers=headers
                )
            except UNANSWERED as error:
                dead = await self._unanswered(
                    identity, pid, dead, error, options, attempts, span
                )
            pid = cluster.pid_cache.get(identity)

    async def _unanswered(
        self,
        identity: ClusterIdentity,
        pid: PID | None,
        dead: PID | None,
        error: Exception,
        options: CallOptions,
        attempts: Attempts,
        span: Span | None,
    ) -> PID | None:
        """Wait before the next attempt; the PID that is certainly dead, if one is.

        Raises how the call ended if there is no next attempt.
        """
        unknown = isinstance(error, OutcomeUnknown)
        if unknown and not options.idempotent:
            raise error
        if pid is not None:
            self._cluster.pid_cache.remove(identity, pid)
            dead = dead if unknown else pid
        if not unknown and attempts.useless(error):
            raise attempts.outcome(error) from None
        self._note_retry(identity, span, error, pid)
        await attempts.again(error)
        return dead

    async def _look_up(
        self,
        identity: ClusterIdentity,
        attempts: Attempts,
        dead: PID | None,
        span: Span | None,
    ) -> PID:
        cluster = self._cluster
        if reason := cluster.disagreement():
            raise ClusterError(reason)
        timeout = max(attempts.remaining, 0.0)
        if not cluster.topology.members and not await cluster.wait_for_members(timeout):
            raise NotPlaced(
                identity,
                f"no member of cluster {cluster.name!r} was found within "
                f"{timeout:.1f} s: is one running, and is the name right?",
            )
        timeout = max(attempts.remaining, 0.0)
        attempts.cached = False
        pid = await cluster.lookup.get(identity, timeout=timeout, dead=dead)
        if cluster.durations is not None:
            took = timeout - attempts.remaining
            cluster.durations.resolved(took, identity.kind)
        host = cluster.member_at(pid.address)
        if host is not None:
            cluster.pid_cache.put(identity, pid, host.id)
        if span is not None:
            _note_target(span, pid, "lookup")
        return pid

    def _note_retry(
        self,
        identity: ClusterIdentity,
        span: Span | None,
        error: Exception,
        pid: PID | None,
    ) -> None:
        """The call goes on; the event says what was wrong with this attempt."""
        self._cluster.statistics.retried(identity.kind)
        if span is None:
            return
        problem = {"reason": str(error), "error": type(error).__name__}
        if pid is not None:
            problem[telemetry.HOST] = pid.address
        span.add_event(telemetry.RETRY, problem)


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


def _note_target(span: Span, pid: PID, source: str) -> None:
    span.set_attribute(telemetry.PID_SOURCE, source)
    span.set_attribute(telemetry.HOST, pid.address)
