"""Who carries out what a strategy decides: the parent actor, or a guardian."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING

from protoactor._pid import PID
from protoactor._supervision import (
    Directive,
    RestartStatistics,
    SupervisorEvent,
    SupervisorStrategy,
)
from protoactor._system_messages import (
    Failure,
    Restart,
    Resume,
    Stop,
    SystemMessage,
)
from protoactor.messages import Terminated

if TYPE_CHECKING:
    from protoactor._cell import ActorCell
    from protoactor._system import ActorSystem

__all__ = ["CellSupervisor", "Guardian", "supervise"]

logger = logging.getLogger("protoactor.supervision")


def supervise(
    supervisor: CellSupervisor | GuardianSupervisor,
    strategy: SupervisorStrategy,
    failure: Failure,
    statistics: RestartStatistics,
) -> None:
    """Let the strategy decide; one that raises stops the child, so nothing hangs."""
    try:
        strategy.handle_failure(supervisor, failure, statistics)
    except Exception as error:
        logger.error(
            "%r raised while deciding about %s, which is stopped",
            strategy,
            failure.who,
            exc_info=error,
        )
        supervisor.stop(failure, [failure.who])


class _Decisions:
    """What actors and guardians have in common."""

    def __init__(self, system: ActorSystem) -> None:
        self._system = system

    def now(self) -> float:
        return self._system.loop.time()

    def resume(self, failure: Failure) -> None:
        self._decided(failure, Directive.RESUME)
        self._system.post_system(failure.who, Resume())

    def restart(self, failure: Failure, children: Sequence[PID]) -> None:
        self._decided(failure, Directive.RESTART)
        for child in children:
            self._system.post_system(child, Restart(failure.reason))

    def restart_later(self, failure: Failure, delay: float) -> None:
        child = self._system.registry.local(failure.who.id)

        def restart_unless_gone() -> None:
            # Another actor may have got the name meanwhile.
            if child and self._system.registry.local(failure.who.id) is child:
                self.restart(failure, [failure.who])

        self._system.loop.call_later(delay, restart_unless_gone)

    def stop(self, failure: Failure, children: Sequence[PID]) -> None:
        self._decided(failure, Directive.STOP)
        for child in children:
            self._system.post_system(child, Stop())

    def _decided(self, failure: Failure, directive: Directive) -> None:
        event = SupervisorEvent(failure.who, failure.reason, directive)
        self._system.events.publish(event)
        logger.info(
            "%s of %s after %r",
            directive.value,
            failure.who,
            failure.reason,
            exc_info=failure.reason,
        )


class CellSupervisor(_Decisions):
    """An actor in its role as supervisor of its children."""

    def __init__(self, cell: ActorCell) -> None:
        super().__init__(cell.system)
        self._cell = cell

    @property
    def children(self) -> Sequence[PID]:
        return self._cell.children

    def escalate(self, failure: Failure) -> None:
        cell = self._cell
        cell.suspend()
        cell.extras.escalated.add(failure.who)
        upwards = Failure(cell.self, failure.reason, failure.message)
        cell.system.supervisor_of(cell).post_system(cell.pid, upwards)


class GuardianSupervisor(_Decisions):
    """A guardian in its role as supervisor of root actors."""

    def __init__(self, system: ActorSystem, guardian: Guardian) -> None:
        super().__init__(system)
        self._guardian = guardian

    @property
    def children(self) -> Sequence[PID]:
        return self._system.children_of(self._guardian)

    def escalate(self, failure: Failure) -> None:
        logger.error("nobody above %s to escalate to: it is stopped", failure.who)
        self.stop(failure, [failure.who])


class Guardian:
    """The process above root actors; what it knows of them is who failed."""

    def __init__(self, system: ActorSystem, strategy: SupervisorStrategy) -> None:
        self._system = system
        self._strategy = strategy
        self._failed: dict[PID, RestartStatistics] = {}

    def post(self, target: PID, item: object) -> None:
        self._system.dead_letter(target, item, "guardians take no messages")

    def post_system(self, target: PID, message: SystemMessage) -> None:
        match message:
            case Failure(who):
                statistics = self._failed.setdefault(who, RestartStatistics())
                supervisor = GuardianSupervisor(self._system, self)
                supervise(supervisor, self._strategy, message, statistics)
            case Terminated(who):
                self._failed.pop(who, None)
            case _:
                pass
