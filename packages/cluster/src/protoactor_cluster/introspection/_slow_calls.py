"""Calls of this member that took long, lately."""

from __future__ import annotations

import itertools
from collections import deque
from typing import TYPE_CHECKING

from protoactor_cluster.identity import ClusterIdentity
from protoactor_cluster.introspection._to_wire import trace_to_wire
from protoactor_cluster.wire import introspection_pb2 as wire

if TYPE_CHECKING:
    from protoactor_cluster._attempts import Attempts
    from protoactor_cluster.cluster import Cluster

__all__ = ["SlowCalls"]


class SlowCalls:
    """Calls with a growing number; the oldest are forgotten."""

    def __init__(self, cluster: Cluster, limit: float, size: int) -> None:
        self._cluster = cluster
        self._limit = limit
        self._numbers = itertools.count(1)
        self._calls: deque[tuple[float, wire.SlowCall]] = deque(maxlen=size)

    def since(self, number: int) -> list[wire.SlowCall]:
        """Copies of the calls after this number, with their age."""
        now = self._cluster.system.loop.time()
        found: list[wire.SlowCall] = []
        for at, call in self._calls:
            if call.number > number:
                copy = wire.SlowCall()
                copy.CopyFrom(call)
                copy.age = now - at
                found.append(copy)
        return found

    def note(
        self,
        identity: ClusterIdentity,
        method: str,
        attempts: Attempts,
        duration: float,
        problem: BaseException | None,
    ) -> None:
        """A call is over; it is kept if it took long."""
        if duration < self._limit:
            return
        call = wire.SlowCall(
            number=next(self._numbers),
            kind=identity.kind,
            name=identity.name,
            method=method,
            duration=duration,
            attempts=attempts.made,
            outcome=type(problem).__name__ if problem else "ok",
            trace=trace_to_wire(attempts.trace),
            caller=self._cluster.member_address,
        )
        self._calls.append((self._cluster.system.loop.time(), call))
