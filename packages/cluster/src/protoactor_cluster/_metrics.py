"""Reads a member's counters whenever metrics are collected."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Generator, Iterable, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeAlias

from opentelemetry.metrics import CallbackOptions, Meter, Observation

from protoactor.telemetry import ADDRESS_LABEL, SYSTEM_LABEL
from protoactor_cluster import telemetry
from protoactor_cluster._durations import Durations

if TYPE_CHECKING:
    from protoactor_cluster.cluster import Cluster

__all__ = ["ClusterMetrics", "observed"]

Labels: TypeAlias = Mapping[str, str]
Read: TypeAlias = Callable[[], Iterable[tuple[float, Labels]]]


class ClusterMetrics:
    """Observable instruments over one member or client; nothing is paid per call."""

    def __init__(self, cluster: Cluster, meter: Meter, labels: Labels) -> None:
        self._cluster: Cluster | None = cluster
        self._meter = meter
        self._labels = labels
        self._observe_activations(cluster)
        self._observe_members(cluster)
        self._observe_handovers(cluster)
        self._observe_gossip(cluster)

    def close(self) -> None:
        """Observe nothing more; instruments themselves cannot be taken back."""
        self._cluster = None

    def _observe_activations(self, cluster: Cluster) -> None:
        counted, cache = cluster.statistics, cluster.pid_cache
        kind = telemetry.KIND_LABEL
        self._gauge(telemetry.VIRTUAL_ACTORS, lambda: _by(kind, _hosted(cluster)))
        self._count(telemetry.RETRIES, lambda: _by(kind, counted.retries))
        self._count(
            telemetry.ACTIVATION_FAILURES,
            lambda: _by(kind, counted.activation_failures),
        )
        self._count(
            telemetry.ACTIVATION_ENDS,
            lambda: [
                (count, {kind: name, telemetry.ENDING_LABEL: ending})
                for (name, ending), count in counted.endings.copy().items()
            ],
        )
        self._gauge(telemetry.CACHE_SIZE, lambda: _one(len(cache)))
        self._count(telemetry.CACHE_HITS, lambda: _one(cache.hits))
        self._count(telemetry.CACHE_MISSES, lambda: _one(cache.misses))

    def _observe_members(self, cluster: Cluster) -> None:
        counted = cluster.statistics
        gauges: dict[str, Callable[[], int]] = {
            telemetry.MEMBERS_COUNT: lambda: len(cluster.topology),
            telemetry.MEMBERS_BLOCKED: lambda: len(cluster.members.blocked),
            telemetry.MEMBERS_SUSPECTED: lambda: len(cluster.members.suspected),
            telemetry.PROVIDER_HEALTHY: lambda: int(cluster.provider_problem is None),
            telemetry.READY: lambda: int(cluster.ready),
        }
        counts: dict[str, Callable[[], int]] = {
            telemetry.TOPOLOGIES: lambda: counted.topologies,
            telemetry.MEMBERS_JOINED: lambda: counted.joined,
            telemetry.MEMBERS_LEFT: lambda: counted.left,
            telemetry.PROVIDER_FAILURES: lambda: counted.provider_failures,
        }
        for name, read in gauges.items():
            self._gauge(name, _reading(read))
        for name, read in counts.items():
            self._count(name, _reading(read))

    def _observe_handovers(self, cluster: Cluster) -> None:
        counted = cluster.statistics
        outcome, reason = telemetry.OUTCOME_LABEL, telemetry.REASON_LABEL
        self._count(telemetry.HANDOVERS, lambda: _by(outcome, counted.handovers))
        self._count(
            telemetry.HANDOVERS_INCOMPLETE, lambda: _by(reason, counted.incomplete)
        )
        self._count(telemetry.HANDOVER_ACTIVATIONS, lambda: _one(counted.moved))
        self._count(telemetry.DUPLICATES, lambda: _one(counted.duplicates))

    def _observe_gossip(self, cluster: Cluster) -> None:
        counted = cluster.statistics
        self._count(telemetry.GOSSIP_ROUNDS, lambda: _one(counted.gossip_rounds))
        self._count(telemetry.GOSSIP_SENT, lambda: _one(counted.gossip_sent))
        self._count(telemetry.GOSSIP_RECEIVED, lambda: _one(counted.gossip_received))
        self._count(
            telemetry.GOSSIP_SENT_SIZE, lambda: _one(counted.gossip_sent_bytes), "By"
        )
        self._count(
            telemetry.GOSSIP_RECEIVED_SIZE,
            lambda: _one(counted.gossip_received_bytes),
            "By",
        )

    def _gauge(self, name: str, read: Read) -> None:
        self._meter.create_observable_gauge(name, [self._observer(read)])

    def _count(self, name: str, read: Read, unit: str = "") -> None:
        self._meter.create_observable_counter(name, [self._observer(read)], unit)

    def _observer(
        self, read: Read
    ) -> Callable[[CallbackOptions], Iterable[Observation]]:
        def observe(_: CallbackOptions) -> Iterable[Observation]:
            if self._cluster is not None:
                for value, labels in read():
                    yield Observation(value, {**self._labels, **labels})

        return observe


@contextmanager
def observed(cluster: Cluster) -> Generator[None, None, None]:
    """Let collections read the counters of a cluster, if anybody collects."""
    system = cluster.system
    meter = system.telemetry.meter
    if meter is None:
        yield
        return
    labels = {SYSTEM_LABEL: system.id, ADDRESS_LABEL: system.address}
    metrics = ClusterMetrics(cluster, meter, labels)
    cluster.durations = Durations(meter, labels)
    try:
        yield
    finally:
        cluster.durations = None
        metrics.close()


def _one(value: float) -> list[tuple[float, Labels]]:
    return [(value, {})]


def _reading(read: Callable[[], int]) -> Read:
    return lambda: _one(read())


def _by(label: str, counts: Counter[str]) -> list[tuple[float, Labels]]:
    # a copy: the loop goes on counting while another thread collects
    return [(count, {label: name}) for name, count in counts.copy().items()]


def _hosted(cluster: Cluster) -> Counter[str]:
    """Also the kinds of which nothing lives here now."""
    return Counter(dict.fromkeys(cluster.kinds, 0) | cluster.activations_by_kind())
