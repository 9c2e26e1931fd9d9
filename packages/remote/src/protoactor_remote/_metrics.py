"""Reads a node's counters whenever metrics are collected."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable

from opentelemetry.metrics import CallbackOptions, Meter, Observation

from protoactor_remote import telemetry
from protoactor_remote._endpoints import Endpoints
from protoactor_remote._node import Node

__all__ = ["RemoteMetrics"]

Observe = Callable[[CallbackOptions], Iterable[Observation]]


class RemoteMetrics:
    """Observable instruments over one node; only frames are timed one by one."""

    def __init__(self, node: Node, endpoints: Endpoints, meter: Meter) -> None:
        self._node = node
        self._endpoints = endpoints
        self._open = True
        statistics = node.statistics
        counts: dict[str, Callable[[], int]] = {
            telemetry.CONNECTED: lambda: statistics.connected,
            telemetry.DISCONNECTED: lambda: statistics.disconnected,
            telemetry.SPAWNED: lambda: statistics.spawned,
            telemetry.REFUSED_HANDSHAKES: lambda: statistics.refused_handshakes,
            telemetry.BAD_MESSAGES: lambda: statistics.bad_messages,
            telemetry.BAD_FRAMES: lambda: statistics.bad_frames,
        }
        gauges: dict[str, Callable[[], int]] = {
            telemetry.ENDPOINTS: lambda: len(endpoints),
            telemetry.QUEUED: lambda: sum(each.queued for each in endpoints.all()),
        }
        by_type: dict[str, Callable[[], Counter[str]]] = {
            telemetry.SERIALIZED: endpoints.sent,
            telemetry.DESERIALIZED: lambda: statistics.received,
        }
        for name, read in counts.items():
            meter.create_observable_counter(name, [self._one(read)])
        for name, read in gauges.items():
            meter.create_observable_gauge(name, [self._one(read)])
        for name, read_all in by_type.items():
            meter.create_observable_counter(name, [self._each(read_all)])
        writes = meter.create_histogram(telemetry.WRITE_DURATION, "s")
        statistics.record_write = lambda seconds: writes.record(
            seconds, self._attributes()
        )

    def close(self) -> None:
        """Observe nothing more; instruments themselves cannot be taken back."""
        self._open = False
        self._node.statistics.record_write = None

    def _attributes(self) -> dict[str, str]:
        return {telemetry.ADDRESS: self._node.address}

    def _one(self, read: Callable[[], int]) -> Observe:
        def observe(_: CallbackOptions) -> Iterable[Observation]:
            if self._open:
                yield Observation(read(), self._attributes())

        return observe

    def _each(self, read: Callable[[], Counter[str]]) -> Observe:
        def observe(_: CallbackOptions) -> Iterable[Observation]:
            if self._open:
                for name, count in read().items():
                    attributes = {**self._attributes(), telemetry.MESSAGE_TYPE: name}
                    yield Observation(count, attributes)

        return observe
