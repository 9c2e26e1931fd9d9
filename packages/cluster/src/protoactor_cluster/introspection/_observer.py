"""What one member keeps for those who look into it."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from protoactor import Actor
from protoactor_cluster._activation import Waiter
from protoactor_cluster._origin import Origin
from protoactor_cluster.introspection._history import History
from protoactor_cluster.introspection._observed_actor import ObservedActor
from protoactor_cluster.introspection._report import versions
from protoactor_cluster.introspection._service import SERVICE, IntrospectionService
from protoactor_cluster.introspection._slow_calls import SlowCalls
from protoactor_cluster.introspection._span_memory import SpanMemory
from protoactor_cluster.introspection._tracer import MemoryTracerProvider
from protoactor_cluster.introspection.options import Introspection

if TYPE_CHECKING:
    from protoactor_cluster.cluster import Cluster

__all__ = ["Observer"]


class Observer:
    """Exists only where introspection is on."""

    def __init__(self, cluster: Cluster, options: Introspection) -> None:
        self.options = options
        self.started = 0.0
        self.history = History(cluster, options.events)
        self.slow_calls = SlowCalls(cluster, options.slow_call, options.slow_calls)
        self.spans = SpanMemory(options.spans)
        self.versions: dict[str, str] = {}
        self._cluster = cluster
        self._numbers = itertools.count(1)

    @asynccontextmanager
    async def observing(self) -> AsyncGenerator[None, None]:
        """Take notes and answer while inside."""
        cluster = self._cluster
        self.started = self.history.topology_since = cluster.system.loop.time()
        self.versions = await asyncio.to_thread(versions)
        self._record_spans()
        subscription = cluster.system.events.subscribe(self.history.note, object)
        service = IntrospectionService(cluster, self)
        try:
            with cluster.remote.offering(SERVICE, service.answer):
                yield
        finally:
            subscription.cancel()
            self.spans.close()

    def origin(self, waiter: Waiter) -> Origin:
        """Where an activation comes from that this one asked for first."""
        now = self._cluster.system.loop.time()
        number = next(self._numbers)
        return Origin(number, now, waiter.asked_under, waiter.requester_id)

    def watch(self, actor: Actor) -> Actor:
        """The same actor, whose last message is known."""
        return ObservedActor(actor, self._cluster.system.loop)

    def _record_spans(self) -> None:
        if not self.options.spans:
            return
        telemetry = self._cluster.system.telemetry
        provider = telemetry.tracer_provider
        if provider is None:
            telemetry.use(MemoryTracerProvider(self.spans))
        elif (add := getattr(provider, "add_span_processor", None)) is not None:
            add(self.spans)
