"""Where messages end that reach nobody: counted, published, answered, logged."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from protoactor._envelope import Envelope
from protoactor._pid import PID
from protoactor._system_messages import Stop, SystemMessage, Unwatch, Watch
from protoactor._throttle import Throttle
from protoactor.messages import (
    DeadLetterResponse,
    PoisonPill,
    RequestFailed,
    Terminated,
    TerminatedReason,
)

if TYPE_CHECKING:
    from protoactor._system import ActorSystem

__all__ = ["DeadLetterEvent", "DeadLetters", "IgnoreDeadLetterLogging"]

logger = logging.getLogger("protoactor.dead_letter")


class IgnoreDeadLetterLogging:
    """Mix-in for messages that nobody misses; they are still counted."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class DeadLetterEvent:
    """A message that was dropped, for whom, from whom, and why."""

    target: PID | None
    message: object
    sender: PID | None
    headers: Mapping[str, str]
    reason: str


class DeadLetters:
    """The process behind every PID that does not resolve."""

    def __init__(self, system: ActorSystem, limit: int, period: float) -> None:
        self._system = system
        self.counts: Counter[str] = Counter()
        self._throttle = Throttle(limit, period, self._log_skipped)

    def post(self, target: PID, item: object) -> None:
        self.take(target, item, "no such actor")

    def post_system(self, target: PID, message: SystemMessage) -> None:
        self.counts["no such actor"] += 1
        if isinstance(message, Watch):
            gone = Terminated(target, TerminatedReason.NOT_FOUND)
            self._system.post_system(message.watcher, gone)
        elif not isinstance(message, Stop | Unwatch):
            self._publish(DeadLetterEvent(target, message, None, {}, "no such actor"))

    def take(
        self, target: PID | None, item: object, reason: str, *, refused: bool = False
    ) -> None:
        """Note a dropped message and tell its sender.

        `refused` messages are answered `Overloaded`, others `DeadLetter`.
        """
        envelope = item if isinstance(item, Envelope) else Envelope(item)
        self.counts[reason] += 1
        sender, headers = envelope.sender, envelope.headers or {}
        event = DeadLetterEvent(target, envelope.message, sender, headers, reason)
        self._publish(event)
        answers = (DeadLetterResponse, RequestFailed)
        if sender is not None and not isinstance(envelope.message, answers):
            self._system.deliver(sender, self._answer(target, reason, refused))

    def close(self) -> None:
        self._throttle.close()

    @staticmethod
    def _answer(target: PID | None, reason: str, refused: bool) -> object:
        if refused:
            return RequestFailed("overloaded", target, error=reason)
        return DeadLetterResponse(target, reason)

    def _publish(self, event: DeadLetterEvent) -> None:
        events = self._system.events
        if not isinstance(events.current, DeadLetterEvent):
            events.publish(
                event
            )  # else a subscriber to such events went round for ever
        quiet = IgnoreDeadLetterLogging | PoisonPill | DeadLetterResponse
        if isinstance(event.message, quiet):
            return
        if self._throttle.admits(self._system.loop):
            logger.info(
                "dead letter for %s from %s (%s): %s",
                event.target,
                event.sender,
                event.reason,
                type(event.message).__qualname__,
            )

    def _log_skipped(self, count: int) -> None:
        logger.info("%d more dead letters were not logged", count)
