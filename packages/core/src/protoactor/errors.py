"""What can go wrong, as types that say whether the handler ran.

ActorError
  NotDelivered        it certainly did not run
    DeadLetter, Expired, Overloaded
    (protoactor_remote) PeerUnreachable, MessageTooLarge, NotOffered, CallRefused
    (protoactor_cluster) KindNotFound, ActivationFailed
  OutcomeUnknown      it may have run
    RequestTimeout, ActorStopped
    (protoactor_remote) ConnectionLost
  HandlerFailed       it ran and raised
    (protoactor_cluster) GrainError
  HandlerCancelled, NameTaken, UnexpectedReply, NotSent, SystemClosed
  PluginError
    PluginNotFound
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from protoactor._pid import PID

__all__ = [
    "ActorError",
    "ActorStopped",
    "DeadLetter",
    "Expired",
    "HandlerCancelled",
    "HandlerFailed",
    "NameTaken",
    "NotDelivered",
    "NotSent",
    "OutcomeUnknown",
    "Overloaded",
    "PluginError",
    "PluginNotFound",
    "RequestTimeout",
    "SystemClosed",
    "UnexpectedReply",
]


class ActorError(Exception):
    """Base of every error that this library raises on purpose."""


class NotDelivered(ActorError):
    """The message was certainly not handled, so sending it again is safe."""


class DeadLetter(NotDelivered):
    """Nobody lives at the target, or it stopped before it took the message."""

    def __init__(self, target: PID | None, reason: str = "no such actor") -> None:
        self.target = target
        self.reason = reason
        super().__init__(f"message to {target} was not delivered: {reason}")


class Expired(NotDelivered, TimeoutError):
    """The deadline passed while the request was still queued; it was withdrawn."""

    def __init__(self, target: PID, timeout: float) -> None:
        self.target = target
        self.timeout = timeout
        super().__init__(
            f"request to {target} was still queued after {timeout:g} s and was withdrawn"
        )


class Overloaded(NotDelivered):
    """A bounded mailbox or queue was full and refused the message."""

    def __init__(self, target: PID | None, reason: str = "mailbox is full") -> None:
        self.target = target
        self.reason = reason
        super().__init__(f"message to {target} was refused: {reason}")


class OutcomeUnknown(ActorError):
    """The message may have been handled; send it again only if that is harmless."""


class RequestTimeout(OutcomeUnknown, TimeoutError):
    """No reply within the deadline, and the request had left its queue.

    An actor that awaits a request to itself, or to an actor that awaits it,
    ends here too: use `reenter_after` for such conversations.
    """

    def __init__(self, target: PID, timeout: float) -> None:
        self.target = target
        self.timeout = timeout
        super().__init__(f"no reply from {target} within {timeout:g} s")


class ActorStopped(OutcomeUnknown):
    """The target took the request and stopped before it answered."""

    def __init__(self, target: PID | None) -> None:
        self.target = target
        super().__init__(f"{target} stopped before it answered")


class HandlerFailed(ActorError):
    """The handler ran and raised; `error_type` and `error` describe what it raised.

    The exception itself is the `__cause__` when target and caller share a process.
    """

    def __init__(self, error_type: str, error: str) -> None:
        self.error_type = error_type
        self.error = error
        super().__init__(f"{error_type}: {error}" if error else error_type)


class HandlerCancelled(ActorError):
    """A handler let a `CancelledError` escape; supervision receives this instead."""


class NameTaken(ActorError):
    """An actor with this name lives already; `pid` is the one that holds it."""

    def __init__(self, pid: PID) -> None:
        self.pid = pid
        super().__init__(
            f"an actor named {pid.id!r} lives already: choose another name"
        )


class UnexpectedReply(ActorError, TypeError):
    """The target answered with another type than `returns=` promised."""

    def __init__(self, expected: type, reply: object) -> None:
        self.expected = expected
        self.reply = reply
        super().__init__(
            f"expected a {expected.__qualname__} as reply, got {type(reply).__qualname__}"
        )


class NotSent(ActorError, ValueError):
    """The call itself was wrong (a `None` message, no target); nothing was sent."""


class SystemClosed(ActorError, RuntimeError):
    """The actor system has not been entered yet, or was shut down."""


class PluginError(ActorError):
    """A plugin was found but could not be used."""


class PluginNotFound(PluginError, LookupError):
    """No installed distribution offers this name; `installed` lists those that do."""

    def __init__(self, group: str, name: str, installed: Sequence[str]) -> None:
        self.group = group
        self.name = name
        self.installed = tuple(installed)
        offered = ", ".join(sorted(installed)) or "nothing"
        super().__init__(
            f"no {name!r} in {group!r} (misspelled or not installed?); installed: {offered}"
        )
