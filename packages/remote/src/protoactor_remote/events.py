"""What remoting publishes on `system.events`."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

__all__ = [
    "EndpointConnected",
    "EndpointTerminated",
    "HandshakeRefused",
    "MemberBlocked",
    "PeerLeaving",
    "TerminationReason",
]


class TerminationReason(StrEnum):
    """Why a connection that we dialled came to its end."""

    UNREACHABLE = "unreachable"
    """No attempt to connect succeeded."""
    LOST = "connection lost"
    """It broke, or the peer stopped without saying so."""
    DISCONNECTED = "peer is leaving"
    """The peer asked us to leave: it shuts down."""
    BLOCKED = "blocked"
    """The peer is blocked here."""
    BLOCKED_BY_PEER = "blocked by the peer"
    """The peer has blocked this node."""
    CLOSED = "closed here"
    """This side closed it."""


@dataclass(frozen=True, slots=True)
class EndpointConnected:
    """Messages to `address` flow; `generation` counts the connections of this node."""

    address: str
    system_id: str
    generation: int


@dataclass(frozen=True, slots=True)
class EndpointTerminated:
    """The connection is over; what was queued is dead letters, watchers were told."""

    address: str
    system_id: str
    """Empty when the handshake did not get that far."""
    generation: int
    reason: TerminationReason
    detail: str = ""


@dataclass(frozen=True, slots=True)
class PeerLeaving:
    """A peer that shuts down asked us to leave: it answers what it has, takes no more."""

    address: str
    system_id: str


@dataclass(frozen=True, slots=True)
class MemberBlocked:
    """A system id was put on the block list."""

    member_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class HandshakeRefused:
    """Somebody who called this node was turned away, or gave up."""

    peer: str
    """Where the call came from; empty if it did not get far enough to tell."""
    reason: str
