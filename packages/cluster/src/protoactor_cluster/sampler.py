"""A sampler that never loses a change of topology; needs `protoactor-cluster[otel]`.

Calls are many, changes of topology few: a share of the former is enough, but links
from calls to hand-overs must lead somewhere.
"""

from __future__ import annotations

import random
from collections.abc import Sequence

from opentelemetry.context import Context
from opentelemetry.sdk.trace.sampling import (
    ALWAYS_ON,
    ParentBased,
    Sampler,
    SamplingResult,
    TraceIdRatioBased,
)
from opentelemetry.trace import Link, SpanKind, TraceState
from opentelemetry.util.types import Attributes

from protoactor_cluster import telemetry
from protoactor_cluster._unsampled import KEPT

__all__ = ["ClusterSampler", "from_argument"]


class ClusterSampler(Sampler):
    """Keeps this share of new traces, and every `cluster.topology`.

    Whoever has a parent does as the parent does. Also `OTEL_TRACES_SAMPLER=protoactor`,
    with the share as `OTEL_TRACES_SAMPLER_ARG`.

    >>> TracerProvider(sampler=ClusterSampler(0.01))
    """

    def __init__(self, share: float = 1.0) -> None:
        """Raises `ValueError` unless `share` is between 0 and 1."""
        if not 0 <= share <= 1:
            raise ValueError(f"a share of traces is between 0 and 1, not {share}")
        self._share = share
        self._random = random.Random().random
        self._others = ParentBased(TraceIdRatioBased(share))
        self._kept = ParentBased(ALWAYS_ON)

    def skips(self) -> bool:
        """Whether a new call is not recorded; asked before a span is made of it."""
        return self._random() >= self._share

    def should_sample(
        self,
        parent_context: Context | None,
        trace_id: int,
        name: str,
        kind: SpanKind | None = None,
        attributes: Attributes = None,
        links: Sequence[Link] | None = None,
        trace_state: TraceState | None = None,
    ) -> SamplingResult:
        kept = parent_context is not None and KEPT in parent_context
        decides = self._kept if kept or name == telemetry.TOPOLOGY else self._others
        return decides.should_sample(
            parent_context, trace_id, name, kind, attributes, links, trace_state
        )

    def get_description(self) -> str:
        return f"ClusterSampler{{{self._share}}}"


def from_argument(argument: str | None) -> ClusterSampler:
    """The sampler of `OTEL_TRACES_SAMPLER=protoactor`; raises `ValueError`."""
    return ClusterSampler(float(argument) if argument else 1.0)
