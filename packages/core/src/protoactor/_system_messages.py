"""Messages that overtake user messages and are handled even while suspended."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeAlias

from protoactor._envelope import Envelope
from protoactor._pid import PID
from protoactor.messages import ReceiveTimeout, Started, Terminated

__all__ = [
    "Continuation",
    "Failure",
    "Restart",
    "Resume",
    "Stop",
    "SystemMessage",
    "Unwatch",
    "Watch",
]


@dataclass(frozen=True, slots=True)
class Stop:
    """Stop at once, ahead of queued user messages."""


@dataclass(frozen=True, slots=True)
class Restart:
    """Replace the actor by a new incarnation."""

    reason: BaseException


@dataclass(frozen=True, slots=True)
class Resume:
    """Go on after a failure, with the same incarnation."""


@dataclass(frozen=True, slots=True)
class Watch:
    """Send `Terminated` to the watcher when you stop."""

    watcher: PID


@dataclass(frozen=True, slots=True)
class Unwatch:
    """Forget the watcher."""

    watcher: PID


@dataclass(frozen=True, slots=True)
class Failure:
    """A child failed and is suspended until its supervisor decides."""

    who: PID
    reason: Exception
    message: object


@dataclass(frozen=True, slots=True)
class Continuation:
    """A callback to run in the actor's turn, with the message it belongs to."""

    callback: Callable[[], Awaitable[None] | None]
    envelope: Envelope | None
    message: object
    incarnation: int


SystemMessage: TypeAlias = (
    Started
    | ReceiveTimeout
    | Stop
    | Restart
    | Resume
    | Watch
    | Unwatch
    | Terminated
    | Failure
    | Continuation
)
