"""How one activation began and ended: the traces of it, and why it ended."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from enum import Enum
from typing import TYPE_CHECKING

from opentelemetry.trace import SpanContext

from protoactor_cluster import telemetry
from protoactor_cluster._endings import Ended
from protoactor_cluster._spans import context_of, end, link_to
from protoactor_cluster.identity import ClusterIdentity
from protoactor_cluster.logs import current_identity

if TYPE_CHECKING:
    from protoactor_cluster.cluster import Cluster

__all__ = ["Ending", "Lifespan"]


class Ending(Enum):
    """Why an activation ended."""

    PASSIVATED = "passivated"
    DRAINED = "drained"
    MOVED = "moved"
    EVICTED = "evicted"
    NOT_STARTED = "not started"
    STOPPED = "stopped"
    """By somebody else: a duplicate that its owner ended, or a failure."""


class Lifespan:
    """Shared by placement, which starts an activation, and the actor itself."""

    def __init__(
        self,
        cluster: Cluster,
        identity: ClusterIdentity,
        headers: Mapping[str, str],
        before: Ended | None,
    ) -> None:
        """`headers` are those of the request; `before` is what ended here last."""
        self.identity = identity
        self.ending = Ending.STOPPED
        self.began = cluster.system.loop.time()
        self._cluster = cluster
        self._headers = headers
        self._stop: SpanContext | None = None
        self._span = cluster.spans.start(
            telemetry.ACTIVATION_START,
            headers=headers,
            attributes={**self._attributes, **_after(before)},
            links=link_to(before.trace, before.reason) if before else (),
        )
        self.trace = context_of(self._span)
        """Of the start."""

    @property
    def ended(self) -> Ended:
        return Ended(self.ending.value, self._stop)

    @contextmanager
    def starting(self) -> Generator[None, None, None]:
        """What happens inside belongs to the start."""
        token = current_identity.set(self.identity)
        try:
            with self._cluster.spans.enter(self._headers, self._span):
                yield
        finally:
            current_identity.reset(token)

    @contextmanager
    def stopping(self) -> Generator[None, None, None]:
        """What happens inside belongs to the end."""
        attributes = {**self._attributes, telemetry.ENDING: self.ending.value}
        span = self._cluster.spans.start(
            telemetry.ACTIVATION_STOP,
            headers={},
            attributes=attributes,
            links=link_to(self.trace, telemetry.ACTIVATION_START),
        )
        self._stop = context_of(span)
        problem: BaseException | None = None
        token = current_identity.set(self.identity)
        try:
            with self._cluster.spans.activate(span):
                yield
        except BaseException as error:
            problem = error
            raise
        finally:
            current_identity.reset(token)
            end(span, problem)

    def conclude_start(self, pid: str = "", error: Exception | None = None) -> None:
        """It takes messages, or never will."""
        cluster, kind = self._cluster, self.identity.kind
        if error is not None:
            cluster.statistics.activation_failures[kind] += 1
        elif cluster.durations is not None:
            cluster.durations.started(cluster.system.loop.time() - self.began, kind)
        span, self._span = self._span, None
        end(span, error, {telemetry.PID: pid} if pid else None)

    @property
    def _attributes(self) -> dict[str, str]:
        return {
            telemetry.IDENTITY: str(self.identity),
            telemetry.KIND: self.identity.kind,
            telemetry.MEMBER: self._cluster.member_id,
        }


def _after(before: Ended | None) -> dict[str, str]:
    return {telemetry.AFTER: before.reason} if before else {}
