"""Every span, metric and attribute name of this package, and the way to the SDK.

Without an SDK nothing is recorded and no span object is made: `Telemetry.tracer`
is `None` then, which is the one check that a call pays for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from opentelemetry import metrics, trace
from opentelemetry.metrics import MeterProvider
from opentelemetry.trace import ProxyTracerProvider, Tracer, TracerProvider

if TYPE_CHECKING:
    from protoactor._metrics import SystemMetrics
    from protoactor._system import ActorSystem

__all__ = ["INSTRUMENTATION", "METRICS", "Telemetry"]

INSTRUMENTATION = "Proto.Actor"
"""Name of tracer and meter, as in the other Proto.Actors."""

SPAN_NAME = "Proto {source}.{verb} {message}"

MESSAGE_TYPE = "proto.messagetype"
RESPONSE_TYPE = "proto.responsemessagetype"
TARGET_PID = "proto.targetpid"
SENDER_PID = "proto.senderpid"
ACTOR_PID = "proto.actorpid"
ACTOR_TYPE = "proto.actortype"
ACTION = "proto.action"

SPAWNED = "protoactor_actor_spawn_count"
STOPPED = "protoactor_actor_stopped_count"
RESTARTED = "protoactor_actor_restarted_count"
FAILURES = "protoactor_actor_failure_count"
DEAD_LETTERS = "protoactor_deadletter_count"
REQUESTS = "protoactor_future_started_count"
REQUESTS_COMPLETED = "protoactor_future_completed_count"
REQUEST_TIMEOUTS = "protoactor_future_timedout_count"
PENDING_REQUESTS = "protoactor_future_pending"
PROCESSES = "protoactor_process_count"
MAILBOX_LENGTH = "protoactor_actor_mailbox_length"
RECEIVE_DURATION = "protoactor_actor_messagereceive_duration"
LOOP_STALLS = "protoactor_loop_stall_count"
LOOP_STALL_DURATION = "protoactor_loop_stall_duration"

SYSTEM_LABEL = "id"
ADDRESS_LABEL = "address"
REASON_LABEL = "reason"
ACTOR_TYPE_LABEL = "actortype"
MESSAGE_TYPE_LABEL = "messagetype"

DURATION_BUCKETS = (
    0.002, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75,
    1.0, 2.5, 5.0, 7.5, 10.0, 20.0, 30.0,
)  # fmt: skip
"""Seconds; those of the other Proto.Actors."""

METRICS = (
    SPAWNED,
    STOPPED,
    RESTARTED,
    FAILURES,
    DEAD_LETTERS,
    REQUESTS,
    REQUESTS_COMPLETED,
    REQUEST_TIMEOUTS,
    PENDING_REQUESTS,
    PROCESSES,
    MAILBOX_LENGTH,
    RECEIVE_DURATION,
    LOOP_STALLS,
    LOOP_STALL_DURATION,
)


CHECKS_UNTIL_NEXT_LOOK = 1000
"""Looking for an SDK reads the environment; an SDK set up late is noticed by then."""


class Telemetry:
    """Where a system's spans and metrics go; `None` means the global providers."""

    def __init__(
        self,
        system_id: str,
        tracer_provider: TracerProvider | None = None,
        meter_provider: MeterProvider | None = None,
    ) -> None:
        self._tracer_provider = tracer_provider
        self._meter_provider = meter_provider
        self._checks_left = 0
        self._scope = {SYSTEM_LABEL: system_id}
        self._tracer = (
            tracer_provider.get_tracer(INSTRUMENTATION) if tracer_provider else None
        )
        self._receive_duration: metrics.Histogram | None = None

    def recording(self) -> bool:
        """Whether an SDK is set up: the check that every call pays for."""
        if self._tracer is not None:
            return True
        if self._checks_left:
            self._checks_left -= 1
            return False
        return self.tracer is not None

    @property
    def tracer(self) -> Tracer | None:
        """The tracer, or `None` while no SDK is set up."""
        if self._tracer is None and self._checks_left == 0:
            self._checks_left = CHECKS_UNTIL_NEXT_LOOK
            provider = trace.get_tracer_provider()
            if not isinstance(provider, ProxyTracerProvider):
                self._tracer = provider.get_tracer(INSTRUMENTATION)
        elif self._tracer is None:
            self._checks_left -= 1
        return self._tracer

    @property
    def tracer_provider(self) -> TracerProvider | None:
        """Where spans go, or `None` while no SDK is set up."""
        provider = self._tracer_provider or trace.get_tracer_provider()
        return None if isinstance(provider, ProxyTracerProvider) else provider

    def use(self, provider: TracerProvider) -> None:
        """Let spans go there from now on."""
        self._tracer_provider = provider
        self._tracer = provider.get_tracer(INSTRUMENTATION)

    @property
    def meter(self) -> metrics.Meter | None:
        """The meter, or `None` while no SDK is set up.

        Each system has its own: a meter keeps only one of two observable
        instruments with the same name.
        """
        provider = self._meter_provider or metrics.get_meter_provider()
        if type(provider).__module__.startswith("opentelemetry.metrics."):
            return None  # the API's own proxies keep every instrument for ever
        return provider.get_meter(INSTRUMENTATION, attributes=self._scope)

    @property
    def receive_duration(self) -> metrics.Histogram | None:
        """What `time_handlers` records to, or `None` while no SDK is set up."""
        if self._receive_duration is None and (meter := self.meter) is not None:
            self._receive_duration = meter.create_histogram(
                RECEIVE_DURATION,
                "s",
                explicit_bucket_boundaries_advisory=DURATION_BUCKETS,
            )
        return self._receive_duration

    def observe_system(self, system: ActorSystem) -> SystemMetrics | None:
        """Let collections read the system's counters, if anybody collects."""
        from protoactor._metrics import SystemMetrics

        meter = self.meter
        return SystemMetrics(system, meter) if meter else None
