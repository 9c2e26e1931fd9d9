"""One question to one host."""

from __future__ import annotations

from dataclasses import dataclass

from opentelemetry.trace import Span

from protoactor import PID
from protoactor_cluster.identity import ClusterIdentity
from protoactor_cluster.provider import Member

__all__ = ["PlacingAttempt"]


@dataclass(frozen=True, slots=True)
class PlacingAttempt:
    """What a host was asked to start, or whether it lives there."""

    identity: ClusterIdentity
    number: int
    host: Member
    dead: PID | None = None
    span: Span | None = None
    check: bool = False
    """Nothing is to be started."""
