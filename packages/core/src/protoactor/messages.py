"""Messages the library itself sends, and markers for your own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Generic, Protocol, TypeVar, runtime_checkable

from protoactor._pid import PID

__all__ = [
    "AutoRespond",
    "DeadLetterResponse",
    "MessageBatch",
    "NotInfluenceReceiveTimeout",
    "PoisonPill",
    "Prioritized",
    "ReceiveTimeout",
    "Request",
    "RequestFailed",
    "Restarting",
    "Started",
    "Stopped",
    "Stopping",
    "Terminated",
    "TerminatedReason",
    "Touch",
    "Touched",
]

ReplyT_co = TypeVar("ReplyT_co", covariant=True)


class Request(Generic[ReplyT_co]):
    """Base of messages that name the type of their reply.

    >>> class Greet(Request[str]): ...
    """

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Started:
    """The first message of every incarnation of an actor."""


@dataclass(frozen=True, slots=True)
class Stopping:
    """The actor was told to stop; its children are about to be stopped."""


@dataclass(frozen=True, slots=True)
class Stopped:
    """The last message: children are gone, the PID no longer resolves."""


@dataclass(frozen=True, slots=True)
class Restarting:
    """Last message of an incarnation that failed; a new one receives `Started`."""


@dataclass(frozen=True, slots=True)
class ReceiveTimeout:
    """No message arrived for the time given to `set_receive_timeout`."""


class TerminatedReason(IntEnum):
    """Why a watched actor is gone (the numbers are protoactor-go's)."""

    STOPPED = 0
    ADDRESS_TERMINATED = 1
    NOT_FOUND = 2


@dataclass(frozen=True, slots=True)
class Terminated:
    """A watched actor, or a child, is gone."""

    who: PID
    why: TerminatedReason = TerminatedReason.STOPPED


@dataclass(frozen=True, slots=True)
class PoisonPill:
    """Stops an actor after the messages that were queued before it."""


@dataclass(frozen=True, slots=True)
class Touch:
    """Asks an actor for its current PID; the library answers with `Touched`."""

    def auto_response(self, me: PID) -> object:
        return Touched(me)


@dataclass(frozen=True, slots=True)
class Touched:
    """The answer to `Touch`."""

    who: PID


@dataclass(frozen=True, slots=True)
class DeadLetterResponse:
    """Tells a sender that its message reached nobody."""

    target: PID | None
    reason: str = "no such actor"


@dataclass(frozen=True, slots=True)
class RequestFailed:
    """Tells a waiting request that the handler raised, stopped or refused it."""

    outcome: str
    """`failed`, `stopped` or `overloaded`."""
    target: PID | None = None
    error_type: str = ""
    error: str = ""
    cause: BaseException | None = None
    """The exception itself; stays in this process."""


@runtime_checkable
class AutoRespond(Protocol):
    """A message that the library answers after the actor has handled it."""

    def auto_response(self, me: PID) -> object:
        """The reply, given the PID of the actor that handled the message."""
        ...


@runtime_checkable
class MessageBatch(Protocol):
    """A message whose parts are handled one by one before the batch itself."""

    def get_messages(self) -> Sequence[object]: ...


@runtime_checkable
class Prioritized(Protocol):
    """A message that a priority mailbox may move ahead: 7 first, 0 last, 4 default."""

    @property
    def priority(self) -> int: ...


class NotInfluenceReceiveTimeout:
    """Mix-in for messages that do not reset the receive timeout."""

    __slots__ = ()


Headers = Mapping[str, str]
