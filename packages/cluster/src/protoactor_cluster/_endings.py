"""How activations ended lately: why the next call has to activate them again."""

from __future__ import annotations

from collections import OrderedDict
from typing import NamedTuple

from opentelemetry.trace import SpanContext

from protoactor_cluster.identity import ClusterIdentity

__all__ = ["Ended", "Endings"]


class Ended(NamedTuple):
    """Why an activation ended, and the trace of that, if it is recorded."""

    reason: str
    trace: SpanContext | None = None


class Endings:
    """A bounded memory: the oldest are forgotten first."""

    def __init__(self, capacity: int = 10_000) -> None:
        self.capacity = capacity
        self._by_identity: OrderedDict[ClusterIdentity, Ended] = OrderedDict()

    def note(self, identity: ClusterIdentity, ended: Ended) -> None:
        """The activation of this identity has ended."""
        self._by_identity.pop(identity, None)
        self._by_identity[identity] = ended
        if len(self._by_identity) > self.capacity:
            self._by_identity.popitem(last=False)

    def get(self, identity: ClusterIdentity) -> Ended | None:
        """How it ended last, if it has not been activated since."""
        return self._by_identity.get(identity)

    def forget(self, identity: ClusterIdentity) -> None:
        """It is active again."""
        self._by_identity.pop(identity, None)

    def __len__(self) -> int:
        return len(self._by_identity)
