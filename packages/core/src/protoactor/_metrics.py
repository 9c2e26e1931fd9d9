"""Reads a system's counters whenever metrics are collected."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from opentelemetry.metrics import CallbackOptions, Meter, Observation

from protoactor import telemetry
from protoactor._actor import actor_type
from protoactor._cell import ActorCell

if TYPE_CHECKING:
    from protoactor._system import ActorSystem

__all__ = ["SystemMetrics"]

ACTOR_TYPES = 20
"""How many types of actors have a mailbox length of their own."""
OTHER_TYPES = "other"


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
            telemetry.REQUESTS_COMPLETED: _completed,
            telemetry.LOOP_STALLS: lambda s: s.statistics.stalls,
        }
        gauges: dict[str, Callable[[ActorSystem], int]] = {
            telemetry.PENDING_REQUESTS: lambda s: len(s.requests),
            telemetry.PROCESSES: lambda s: len(s.registry),
        }
        for name, read in counts.items():
            meter.create_observable_counter(name, [self._total(read)])
        for name, read in gauges.items():
            meter.create_observable_gauge(name, [self._total(read)])
        meter.create_observable_counter(
            telemetry.DEAD_LETTERS,
            [self._by(telemetry.REASON_LABEL, lambda s: s.dead_letters.counts)],
        )
        meter.create_observable_gauge(
            telemetry.MAILBOX_LENGTH,
            [self._by(telemetry.ACTOR_TYPE_LABEL, _mailbox_lengths)],
        )
        meter.create_observable_counter(
            telemetry.LOOP_STALL_DURATION,
            [self._total(lambda s: s.statistics.stalled_seconds)],
            "s",
        )

    def close(self) -> None:
        """Observe nothing more; instruments themselves cannot be taken back."""
        self._system = None

    def _total(
        self, read: Callable[[ActorSystem], float]
    ) -> Callable[[CallbackOptions], Iterable[Observation]]:
        def observe(_: CallbackOptions) -> Iterable[Observation]:
            system = self._system
            if system is not None:
                yield Observation(read(system), _labels(system))

        return observe

    def _by(
        self, label: str, read: Callable[[ActorSystem], dict[str, int]]
    ) -> Callable[[CallbackOptions], Iterable[Observation]]:
        def observe(_: CallbackOptions) -> Iterable[Observation]:
            system = self._system
            if system is not None:
                for name, count in tuple(read(system).items()):
                    yield Observation(count, {**_labels(system), label: name})

        return observe


def _labels(system: ActorSystem) -> dict[str, str]:
    return {
        telemetry.SYSTEM_LABEL: system.id,
        telemetry.ADDRESS_LABEL: system.address,
    }


def _completed(system: ActorSystem) -> int:
    """Requests that ended in time, whatever with."""
    statistics = system.statistics
    return statistics.requests - statistics.request_timeouts - len(system.requests)


def _mailbox_lengths(system: ActorSystem) -> dict[str, int]:
    """Messages that wait, by type of actor; only the longest are told apart."""
    lengths: Counter[str] = Counter()
    for process in system.registry.all():
        if isinstance(process, ActorCell):
            lengths[actor_type(process.actor)] += process.queued
    longest = dict(lengths.most_common(ACTOR_TYPES))
    if len(longest) < len(lengths):
        longest[OTHER_TYPES] = lengths.total() - sum(longest.values())
    return longest
