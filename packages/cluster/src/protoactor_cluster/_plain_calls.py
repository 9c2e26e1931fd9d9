"""Shows the messages that a plain actor of a kind handles, as a grain shows its calls."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from opentelemetry.trace import SpanKind

from protoactor import Context, Restarting, Started, Stopped, Stopping
from protoactor_cluster import telemetry
from protoactor_cluster._spans import end
from protoactor_cluster.identity import ClusterIdentity

if TYPE_CHECKING:
    from protoactor_cluster.cluster import Cluster

__all__ = ["PlainCalls"]

LIFECYCLE = (Started, Stopping, Stopped, Restarting)
Receive = Callable[[Context], Awaitable[None] | None]


class PlainCalls:
    """What an actor receives, in spans if anybody records them."""

    def __init__(
        self, cluster: Cluster, identity: ClusterIdentity, inner: Receive
    ) -> None:
        self._cluster = cluster
        self._identity = identity
        self._inner = inner

    def receive(self, context: Context) -> Awaitable[None] | None:
        recording = self._cluster.spans.recording()
        if not recording or isinstance(context.message, LIFECYCLE):
            return self._inner(context)
        return self.traced(context)

    async def traced(self, context: Context) -> None:
        """Handle the message at hand in a span."""
        spans, headers = self._cluster.spans, context.headers
        span = spans.start(
            telemetry.GRAIN_HANDLE,
            headers=headers,
            attributes={
                telemetry.IDENTITY: str(self._identity),
                telemetry.KIND: self._identity.kind,
                telemetry.METHOD: type(context.message).__qualname__,
                telemetry.MEMBER: self._cluster.member_id,
            },
            kind=SpanKind.SERVER,
        )
        problem: BaseException | None = None
        try:
            with spans.enter(headers, span):
                result = self._inner(context)
                if result is not None:
                    await result
        except BaseException as error:
            problem = error
            raise
        finally:
            end(span, problem)
