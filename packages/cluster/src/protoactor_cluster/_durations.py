"""How long calls, look-ups, activations and hand-overs take, as histograms."""

from __future__ import annotations

from typing import TypeAlias

from opentelemetry.metrics import Histogram, Meter

from protoactor.telemetry import DURATION_BUCKETS
from protoactor_cluster import telemetry

__all__ = ["Durations"]

MOST = 200
"""Kinds, and sets of labels of calls: whatever callers name kinds, it stays bounded."""
OTHER = "other"
_Series: TypeAlias = dict[str, str]


class Durations:
    """Only made where somebody collects metrics; seconds."""

    def __init__(self, meter: Meter, labels: _Series) -> None:
        self._labels = labels
        self._calls = _histogram(meter, telemetry.REQUEST_DURATION)
        self._lookups = _histogram(meter, telemetry.RESOLVE_DURATION)
        self._starts = _histogram(meter, telemetry.SPAWN_DURATION)
        self._handovers = _histogram(meter, telemetry.HANDOVER_DURATION)
        self._kinds: dict[str, _Series] = {}
        self._series: dict[tuple[str, str, bool], _Series] = {}

    def called(self, seconds: float, kind: str, name: str, cached: bool) -> None:
        """A call has ended, whatever with."""
        key = (kind, name, cached)
        series = self._series.get(key)
        if series is None:
            series = self._of_calls(*key)
            if len(self._series) < MOST:
                self._series[key] = series
        self._calls.record(seconds, series)

    def resolved(self, seconds: float, kind: str) -> None:
        """A look-up has found where an identity lives."""
        self._lookups.record(seconds, self._of(kind))

    def started(self, seconds: float, kind: str) -> None:
        """An activation takes messages."""
        self._starts.record(seconds, self._of(kind))

    def handed_over(self, seconds: float, outcome: str) -> None:
        """A hand-over has ended."""
        labels = {**self._labels, telemetry.OUTCOME_LABEL: outcome}
        self._handovers.record(seconds, labels)

    def _of_calls(self, kind: str, name: str, cached: bool) -> _Series:
        source = telemetry.FROM_CACHE if cached else telemetry.FROM_LOOKUP
        return {
            **self._of(kind),
            telemetry.MESSAGE_TYPE_LABEL: name if len(self._series) < MOST else OTHER,
            telemetry.PID_SOURCE_LABEL: source,
        }

    def _of(self, kind: str) -> _Series:
        known = self._kinds.get(kind)
        if known is not None:
            return known
        if len(self._kinds) >= MOST:
            return {**self._labels, telemetry.KIND_LABEL: OTHER}
        self._kinds[kind] = {**self._labels, telemetry.KIND_LABEL: kind}
        return self._kinds[kind]


def _histogram(meter: Meter, name: str) -> Histogram:
    return meter.create_histogram(
        name, "s", explicit_bucket_boundaries_advisory=DURATION_BUCKETS
    )
