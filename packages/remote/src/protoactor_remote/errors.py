"""What can go wrong between processes, as types that say whether the handler ran.

NotDelivered    CallRefused, MessageTooLarge, NotOffered, PeerUnreachable
OutcomeUnknown  ConnectionLost
ActorError      PeerBlocked, SpawnFailed, SpawnRefused, UnknownMessage
"""

from __future__ import annotations

from protoactor.errors import ActorError, NotDelivered, OutcomeUnknown

__all__ = [
    "CallRefused",
    "ConnectionLost",
    "MessageTooLarge",
    "NotOffered",
    "PeerBlocked",
    "PeerUnreachable",
    "SpawnFailed",
    "SpawnRefused",
    "UnknownMessage",
]


class PeerUnreachable(NotDelivered):
    """No connection to the address could be made; the message never left."""

    def __init__(self, address: str, reason: str) -> None:
        self.address = address
        self.reason = reason
        super().__init__(f"{address} cannot be reached: {reason}")


class MessageTooLarge(NotDelivered):
    """The encoded message exceeds what a frame may hold; it was not sent."""

    def __init__(self, message_type: str, size: int, limit: int) -> None:
        self.message_type = message_type
        self.size = size
        self.limit = limit
        super().__init__(
            f"a {message_type} of {size} bytes exceeds the limit of {limit}: "
            "send it in parts, or raise max_frame_bytes on every node"
        )


class NotOffered(NotDelivered):
    """The node offers no such service; nothing ran."""

    def __init__(self, address: str, service: str) -> None:
        self.address = address
        self.service = service
        super().__init__(f"{address} does not offer {service}")


class CallRefused(NotDelivered):
    """The node offers the service but not this request: it is wrong, so nothing ran."""

    def __init__(self, address: str, method: str, reason: str) -> None:
        self.address = address
        self.method = method
        self.reason = reason
        super().__init__(f"{address} refused the request: {reason}")


class ConnectionLost(OutcomeUnknown, ConnectionError):
    """The connection broke after the message was written and before a reply came."""

    def __init__(self, address: str, reason: str) -> None:
        self.address = address
        self.reason = reason
        super().__init__(f"connection to {address} was lost: {reason}")


class UnknownMessage(ActorError, TypeError):
    """The type has no wire name here, so it cannot be sent or decoded."""


class PeerBlocked(ActorError):
    """One side has blocked the other; no messages pass until the block ends."""

    def __init__(self, address: str, member_id: str, *, by_peer: bool) -> None:
        self.address = address
        self.member_id = member_id
        self.by_peer = by_peer
        who = "has blocked us" if by_peer else "is blocked here"
        super().__init__(f"{address} (system {member_id}) {who}")


class SpawnFailed(ActorError):
    """The other side did not spawn the actor; `code` is protoactor-go's status."""

    def __init__(self, address: str, kind: str, code: int, reason: str) -> None:
        self.address = address
        self.kind = kind
        self.code = code
        self.reason = reason
        super().__init__(f"{address} did not spawn a {kind!r}: {reason}")


class SpawnRefused(ActorError):
    """Raise it where a kind's actor is made, to answer a remote spawn with `code`."""

    def __init__(self, reason: str, code: int = 1) -> None:
        self.reason = reason
        self.code = code
        """protoactor-go's status; 1 is UNAVAILABLE: ask another node."""
        super().__init__(reason)
