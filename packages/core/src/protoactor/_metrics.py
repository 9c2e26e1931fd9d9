"""Reads a system's counters whenever metrics are collected."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from opentelemetry.metrics import CallbackOptions, Meter, Observation

from protoactor import telemetry

if TYPE_CHECKING:
    from protoactor._system import ActorSystem

__all__ = ["SystemMetrics"]


class SystemMetrics:
    """Observable instruments over one system; nothing is paid per message."""

    def __init__(self, system: ActorSystem, meter: Meter) -> None:
        self._system: ActorSystem | None = system
        counts: dict[str, Callable[[ActorSystem], int]] = {
            telemetry.SPAWNED: lambda s: s.statistics.spawned,
            telemetry.STOPPED: lambda s: s.statistics.stopped,
            telemetry.RESTARTED: lambda s: s.statistics.restarted,
            telemetry.FAILURES: lambda s: s.statistics.failures,
            telemetry.REQUESTS: lambda s: s.statistics.requests,
            telemetry.REQUEST_TIMEOUTS: lambda s: s.statistics.request_timeouts,
        }
        gauges: dict[str, Callable[[ActorSystem], int]] = {
            telemetry.PENDING_REQUESTS: lambda s: len(s.requests),
            telemetry.PROCESSES: lambda s: len(s.registry),
        }
        for name, read in counts.items():
            meter.create_observable_counter(name, [self._reader(read)], "1")
        for name, read in gauges.items():
            meter.create_observable_gauge(name, [self._reader(read)], "1")
        meter.create_observable_counter(
            telemetry.DEAD_LETTERS, [self._dead_letters], "1"
        )

    def close(self) -> None:
        """Observe nothing more; instruments themselves cannot be taken back."""
        self._system = None

    def _reader(
        self, read: Callable[[ActorSystem], int]
    ) -> Callable[[CallbackOptions], Iterable[Observation]]:
        def observe(_: CallbackOptions) -> Iterable[Observation]:
            system = self._system
            if system is not None:
                yield Observation(read(system), {"address": system.address})

        return observe

    def _dead_letters(self, _: CallbackOptions) -> Iterable[Observation]:
        system = self._system
        if system is not None:
            for reason, count in system.dead_letters.counts.items():
                attributes = {"address": system.address, "reason": reason}
                yield Observation(count, attributes)
