"""Strategies: what happens to a child that failed."""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Protocol, TypeAlias

from protoactor._pid import PID
from protoactor._system_messages import Failure

__all__ = [
    "DEFAULT_STRATEGY",
    "AllForOne",
    "AlwaysRestart",
    "Decider",
    "Directive",
    "ExponentialBackoff",
    "OneForOne",
    "RestartStatistics",
    "Supervisor",
    "SupervisorEvent",
    "SupervisorStrategy",
]


class Directive(Enum):
    """What to do with a failed child."""

    RESUME = "resume"
    """Go on with the same incarnation; the failing message is lost."""
    RESTART = "restart"
    """Replace it by a new incarnation; mailbox and PID stay."""
    STOP = "stop"
    """Stop it for good."""
    ESCALATE = "escalate"
    """Fail oneself, so that one's own supervisor decides."""


Decider: TypeAlias = Callable[[Exception], Directive]


@dataclass(frozen=True, slots=True)
class SupervisorEvent:
    """A supervisor has decided."""

    child: PID
    reason: Exception
    directive: Directive


@dataclass(slots=True)
class RestartStatistics:
    """When a child failed, as far as its supervisor still cares."""

    failures: deque[float] = field(default_factory=deque[float])

    def failed(self, now: float, within: float | None) -> int:
        """Note a failure; returns how many there were within the window (seconds)."""
        self.failures.append(now)
        while within is not None and self.failures[0] < now - within:
            self.failures.popleft()
        return len(self.failures)

    def reset(self) -> None:
        self.failures.clear()


class Supervisor(Protocol):
    """What a strategy can do: offered by actors and by guardians."""

    @property
    def children(self) -> Sequence[PID]: ...
    def now(self) -> float: ...
    def resume(self, failure: Failure) -> None: ...
    def restart(self, failure: Failure, children: Sequence[PID]) -> None: ...
    def restart_later(self, failure: Failure, delay: float) -> None: ...
    def stop(self, failure: Failure, children: Sequence[PID]) -> None: ...
    def escalate(self, failure: Failure) -> None: ...


class SupervisorStrategy(Protocol):
    """Decides about a failed child, which is suspended until it has."""

    def handle_failure(
        self, supervisor: Supervisor, failure: Failure, statistics: RestartStatistics
    ) -> None: ...


def always_restart(_: Exception) -> Directive:
    return Directive.RESTART


@dataclass(frozen=True, slots=True)
class OneForOne:
    """Deals with the failed child alone.

    More than `max_restarts` failures `within` seconds stop it; `within=None`
    counts for ever.
    """

    decide: Decider = always_restart
    max_restarts: int = 10
    within: float | None = 10.0

    def handle_failure(
        self, supervisor: Supervisor, failure: Failure, statistics: RestartStatistics
    ) -> None:
        directive = self._directive(supervisor, failure, statistics)
        _carry_out(supervisor, failure, directive, [failure.who])

    def _directive(
        self, supervisor: Supervisor, failure: Failure, statistics: RestartStatistics
    ) -> Directive:
        directive = self.decide(failure.reason)
        if directive is not Directive.RESTART:
            return directive
        if statistics.failed(supervisor.now(), self.within) <= self.max_restarts:
            return directive
        statistics.reset()
        return Directive.STOP


@dataclass(frozen=True, slots=True)
class AllForOne(OneForOne):
    """Restarts or stops all children when one fails; resumes only the failed one."""

    def handle_failure(
        self, supervisor: Supervisor, failure: Failure, statistics: RestartStatistics
    ) -> None:
        directive = self._directive(supervisor, failure, statistics)
        _carry_out(supervisor, failure, directive, supervisor.children)


@dataclass(frozen=True, slots=True)
class AlwaysRestart:
    """Restarts the failed child, however often."""

    def handle_failure(
        self, supervisor: Supervisor, failure: Failure, statistics: RestartStatistics
    ) -> None:
        supervisor.restart(failure, [failure.who])


@dataclass(frozen=True, slots=True)
class ExponentialBackoff:
    """Restarts the failed child after a pause that doubles with every failure.

    Pauses start at `initial` and end at `maximum` seconds, plus up to `jitter`
    of themselves; `within` seconds without a failure start over.
    """

    initial: float = 0.1
    maximum: float = 30.0
    within: float = 60.0
    jitter: float = 0.1

    def handle_failure(
        self, supervisor: Supervisor, failure: Failure, statistics: RestartStatistics
    ) -> None:
        now = supervisor.now()
        if statistics.failures and statistics.failures[-1] < now - self.within:
            statistics.reset()
        supervisor.restart_later(failure, self.pause(statistics.failed(now, None)))

    def pause(self, failures: int) -> float:
        """Seconds to wait after this many failures in a row."""
        pause = min(self.initial * 2.0 ** min(failures - 1, 60), self.maximum)
        return pause * (1 + random.uniform(0, self.jitter))


def _carry_out(
    supervisor: Supervisor,
    failure: Failure,
    directive: Directive,
    children: Sequence[PID],
) -> None:
    match directive:
        case Directive.RESUME:
            supervisor.resume(failure)
        case Directive.RESTART:
            supervisor.restart(failure, children)
        case Directive.STOP:
            supervisor.stop(failure, children)
        case Directive.ESCALATE:
            supervisor.escalate(failure)
        case _:
            raise TypeError(f"decide must return a Directive, not {directive!r}")


DEFAULT_STRATEGY = OneForOne()
