"""One call to a virtual actor: deadline, retries, outcome."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from opentelemetry.trace import Span, SpanKind

from protoactor import PID, NotDelivered, OutcomeUnknown
from protoactor_cluster import telemetry
from protoactor_cluster._attempts import Attempts, CallOptions
from protoactor_cluster._reply import failure_of
from protoactor_cluster._spans import context_of, end
from protoactor_cluster.call import IDEMPOTENCY_KEY, Call, current_call
from protoactor_cluster.errors import (
    ActivationFailed,
    CallCycle,
    ClusterError,
    KindNotFound,
)
from protoactor_cluster.identity import ClusterIdentity
from protoactor_cluster.lookup import NotPlaced
from protoactor_cluster.wire import grain_pb2
from protoactor_remote import PeerBlocked

if TYPE_CHECKING:
    from protoactor_cluster.cluster import Cluster

__all__ = ["Caller"]

KIND_GRACE = 1.0
"""Seconds for which an unknown kind may still turn up: members join one by one."""


class Caller:
    """Finds the activation and asks it, again where that is certainly safe."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._random = random.Random(cluster.system.id)

    async def call(
        self,
        identity: ClusterIdentity,
        message: object,
        options: CallOptions,
        name: str,
    ) -> Any:
        """The reply; see `Context.request` for what it raises."""
        above = current_call.get()
        if above is not None and not options.reentrant:
            _refuse_cycle(above, identity)
        attempts = self._attempts(above, options)
        headers = _headers(above, options)
        if not self._is_observed:
            return await self._attempt(
                identity, message, options, attempts, headers, None
            )
        return await self._observed(identity, message, options, attempts, headers, name)

    @property
    def _is_observed(self) -> bool:
        """Whether anybody wants to know how a call went."""
        cluster = self._cluster
        return (
            cluster.spans.recording
            or cluster.durations is not None
            or cluster.observer is not None
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
        span = cluster.spans.start(
            telemetry.GRAIN_CALL,
            attributes={
                telemetry.IDENTITY: str(identity),
                telemetry.KIND: identity.kind,
                telemetry.METHOD: name,
            },
            kind=SpanKind.CLIENT,
        )
        headers = cluster.spans.headers(span, headers)
        attempts.trace = context_of(span)
        problem: BaseException | None = None
        try:
            with cluster.spans.activate(span):
                reply = await self._attempt(
                    identity, message, options, attempts, headers, span
                )
            if isinstance(reply, grain_pb2.GrainErrorResponse):
                problem = failure_of(reply, cluster.error_types)
            return reply
        except BaseException as error:
            problem = error
            raise
        finally:
            if span is not None:
                end(span, problem, {telemetry.ATTEMPTS: attempts.made})
            took = attempts.timeout - attempts.remaining
            if cluster.durations is not None:
                cluster.durations.called(took, identity.kind, name, attempts.cached)
            if cluster.observer is not None:
                cluster.observer.slow_calls.note(
                    identity, name, attempts, took, problem
                )

    async def locate(self, identity: ClusterIdentity, timeout: float | None) -> PID:
        """Where the identity lives, activating it if need be."""
        options = CallOptions(timeout=timeout)
        attempts = self._attempts(current_call.get(), options)
        while True:
            try:
                return await self._find(identity, attempts, None, None)
            except NotDelivered as error:
                if _final(error, attempts):
                    raise
                await attempts.again(error)

    def _attempts(self, above: Call | None, options: CallOptions) -> Attempts:
        """With the call's own time, or what is left of the call that makes it."""
        loop, timeout = self._cluster.system.loop, options.timeout
        if timeout is None:
            timeout = self._cluster.request_timeout
        if above is not None and above.deadline is not None:
            timeout = min(timeout, above.deadline - loop.time())
        return Attempts(loop, self._random, timeout, options.retries)

    async def _attempt(
        self,
        identity: ClusterIdentity,
        message: object,
        options: CallOptions,
        attempts: Attempts,
        headers: Mapping[str, str] | None,
        span: Span | None,
    ) -> Any:
        dead: PID | None = None
        while True:
            pid: PID | None = None
            try:
                pid = await self._find(identity, attempts, dead, span)
                return await self._cluster.system.request(
                    pid, message, timeout=attempts.remaining, headers=headers
                )
            except (NotDelivered, PeerBlocked) as error:
                if pid is not None:
                    self._cluster.pid_cache.remove(identity, pid)
                    dead = pid
                if _final(error, attempts):
                    raise attempts.outcome(error) from None
                self._note_retry(identity, span, error, pid)
                await attempts.again(error)
            except OutcomeUnknown as error:
                if not options.idempotent:
                    raise
                if pid is not None:
                    self._cluster.pid_cache.remove(identity, pid)
                self._note_retry(identity, span, error, pid)
                await attempts.again(error)

    async def _find(
        self,
        identity: ClusterIdentity,
        attempts: Attempts,
        dead: PID | None,
        span: Span | None,
    ) -> PID:
        cluster = self._cluster
        cached = cluster.pid_cache.get(identity)
        if cached is not None:
            if span is not None:
                _note_target(span, cached, "cache")
            return cached
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


def _final(error: Exception, attempts: Attempts) -> bool:
    """Whether trying again within this call cannot help."""
    if isinstance(error, KindNotFound):
        waited = attempts.timeout - attempts.remaining
        return error.members > 0 and waited >= KIND_GRACE
    return isinstance(error, ActivationFailed)


def _note_target(span: Span, pid: PID, source: str) -> None:
    span.set_attribute(telemetry.PID_SOURCE, source)
    span.set_attribute(telemetry.HOST, pid.address)
