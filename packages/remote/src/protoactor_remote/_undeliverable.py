"""Ends messages that do not leave this node, and requests that get no answer."""

from __future__ import annotations

from protoactor import PID, ActorSystem, Envelope
from protoactor.errors import ActorError, Expired, Overloaded
from protoactor.spi import QUEUED, PendingRequest
from protoactor_remote._bounded_log import BoundedLog
from protoactor_remote.errors import (
    ConnectionLost,
    MessageTooLarge,
    PeerBlocked,
    PeerUnreachable,
    UnknownMessage,
)

__all__ = ["Undeliverable"]

MOST_EXPLAINED = 1000

REASONS: tuple[tuple[type[ActorError], str], ...] = (
    (Expired, "deadline passed in a queue"),
    (Overloaded, "endpoint queue is full"),
    (MessageTooLarge, "message too large"),
    (UnknownMessage, "type cannot be sent to this peer"),
    (PeerUnreachable, "peer unreachable"),
    (PeerBlocked, "peer blocked"),
)


class Undeliverable:
    """Tells callers with the error itself, other senders with a DeadLetterResponse."""

    def __init__(self, system: ActorSystem, log: BoundedLog) -> None:
        self._system = system
        self._log = log
        self._explained: set[str] = set()

    def refuse(self, target: PID, item: object, error: ActorError) -> None:
        """The item certainly did not leave."""
        if isinstance(error, UnknownMessage | MessageTooLarge):
            message = item.message if isinstance(item, Envelope) else item
            name = type(message).__qualname__
            self.explain(f"{target.address} {name}", f"a {name} for {target}", error)
        request = self._request_of(item)
        if request is not None:
            known = isinstance(error, Expired)
            request.fail(Expired(request.target, request.timeout) if known else error)
            item = _unanswered(item)
        self._system.dead_letter(target, item, _reason(error))

    def lose(self, target: PID, item: object) -> None:
        """The item may have arrived: nobody is told that it did not."""
        self._system.dead_letter(target, _unanswered(item), "connection lost")

    def awaiting(self, address: str) -> list[PendingRequest]:
        """The requests that wait for an answer from an address."""
        pending = list(self._system.requests._pending.values())
        return [request for request in pending if request.target.address == address]

    @staticmethod
    def fail(requests: list[PendingRequest], address: str, detail: str) -> None:
        """End requests whose peer is gone, by whether they had left this node."""
        for request in requests:
            if request.envelope.state == QUEUED:
                request.fail(PeerUnreachable(address, detail))
            else:
                request.fail(ConnectionLost(address, detail))

    def _request_of(self, item: object) -> PendingRequest | None:
        sender = item.sender if isinstance(item, Envelope) else None
        return self._system.requests.find(sender) if sender else None

    def explain(self, key: str, what: str, error: Exception) -> None:
        """Log once per key what only a change of the program can repair."""
        if key in self._explained:
            return
        if self._log.warning("dropped messages", "%s was dropped: %s", what, error):
            if len(self._explained) >= MOST_EXPLAINED:
                self._explained.clear()
            self._explained.add(key)


def _reason(error: ActorError) -> str:
    for kind, reason in REASONS:
        if isinstance(error, kind):
            return reason
    return type(error).__name__


def _unanswered(item: object) -> object:
    if isinstance(item, Envelope):
        return Envelope(item.message, None, item.headers)
    return item
