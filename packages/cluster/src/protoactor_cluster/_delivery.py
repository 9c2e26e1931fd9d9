"""Takes one call to its activation, again where that is certainly safe."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from opentelemetry.trace import Span

from protoactor import PID, NotDelivered, OutcomeUnknown
from protoactor_cluster import telemetry
from protoactor_cluster._attempts import Attempts, CallOptions
from protoactor_cluster.errors import ClusterError
from protoactor_cluster.identity import ClusterIdentity
from protoactor_cluster.lookup import NotPlaced
from protoactor_remote import PeerBlocked

if TYPE_CHECKING:
    from protoactor_cluster.cluster import Cluster

__all__ = ["UNANSWERED", "Delivery"]

UNANSWERED = (NotDelivered, PeerBlocked, OutcomeUnknown)


class Delivery:
    """What one call needs to be asked, and asked again."""

    __slots__ = (
        "_cluster",
        "_dead",
        "_headers",
        "_identity",
        "_message",
        "_options",
        "_span",
        "attempts",
    )

    def __init__(
        self,
        cluster: Cluster,
        identity: ClusterIdentity,
        message: object,
        options: CallOptions,
        headers: Mapping[str, str] | None,
        attempts: Attempts,
        span: Span | None = None,
    ) -> None:
        self._cluster = cluster
        self._identity = identity
        self._message = message
        self._options = options
        self._headers = headers
        self._span = span
        self._dead: PID | None = None
        """Where the identity certainly lives no more."""
        self.attempts = attempts

    async def ask(self, pid: PID | None, failed: Exception | None = None) -> object:
        """The reply; `pid` is where the cache says that the identity lives.

        `failed`: it was asked there already, and this came of it.
        """
        if failed is not None:
            pid = await self._unanswered(pid, failed)
        while True:
            try:
                if pid is None:
                    pid = await self.look_up()
                elif self._span is not None:
                    self._note_target(pid, "cache")
                return await self._cluster.system.request(
                    pid,
                    self._message,
                    timeout=self.attempts.remaining,
                    headers=self._headers,
                )
            except UNANSWERED as error:
                pid = await self._unanswered(pid, error)

    async def look_up(self) -> PID:
        """Where the identity lives, activating it if need be."""
        cluster, attempts = self._cluster, self.attempts
        await self._find_members()
        timeout = max(attempts.remaining, 0.0)
        attempts.cached = False
        pid = await cluster.lookup.get(self._identity, timeout=timeout, dead=self._dead)
        if cluster.durations is not None:
            took = timeout - attempts.remaining
            cluster.durations.resolved(took, self._identity.kind)
        host = cluster.member_at(pid.address)
        if host is not None:
            cluster.pid_cache.put(self._identity, pid, host.id)
        if self._span is not None:
            self._note_target(pid, "lookup")
        return pid

    async def _find_members(self) -> None:
        cluster = self._cluster
        if reason := cluster.disagreement():
            raise ClusterError(reason)
        timeout = max(self.attempts.remaining, 0.0)
        if not cluster.topology.members and not await cluster.wait_for_members(timeout):
            raise NotPlaced(
                self._identity,
                f"no member of cluster {cluster.name!r} was found within "
                f"{timeout:.1f} s: is one running, and is the name right?",
            )

    async def _unanswered(self, pid: PID | None, error: Exception) -> PID | None:
        """Wait before the next attempt; what the cache says then.

        Raises how the call ended if there is no next attempt.
        """
        unknown = isinstance(error, OutcomeUnknown)
        if unknown and not self._options.idempotent:
            raise error
        if pid is not None:
            self._cluster.pid_cache.remove(self._identity, pid)
            self._dead = self._dead if unknown else pid
        if not unknown and self.attempts.useless(error):
            raise self.attempts.outcome(error) from None
        self._note_retry(error, pid)
        await self.attempts.again(error)
        return self._cluster.pid_cache.get(self._identity)

    def _note_retry(self, error: Exception, pid: PID | None) -> None:
        """The call goes on; the event says what was wrong with this attempt."""
        self._cluster.statistics.retried(self._identity.kind)
        if self._span is None:
            return
        problem = {"reason": str(error), "error": type(error).__name__}
        if pid is not None:
            problem[telemetry.HOST] = pid.address
        self._span.add_event(telemetry.RETRY, problem)

    def _note_target(self, pid: PID, source: str) -> None:
        assert self._span is not None
        self._span.set_attribute(telemetry.PID_SOURCE, source)
        self._span.set_attribute(telemetry.HOST, pid.address)
