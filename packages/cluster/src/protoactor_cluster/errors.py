"""What can go wrong in a cluster.

NotDelivered    KindNotFound, ActivationFailed
HandlerFailed   GrainError
ActorError
  ClusterError  NotAMember, JoinTimeout, MembershipLost, IdentityBlocked, StaleEpoch
"""

from __future__ import annotations

from collections.abc import Mapping

from protoactor.errors import ActorError, HandlerFailed, NotDelivered

__all__ = [
    "ActivationFailed",
    "ClusterError",
    "GrainError",
    "IdentityBlocked",
    "JoinTimeout",
    "KindNotFound",
    "MembershipLost",
    "NotAMember",
    "StaleEpoch",
]


class KindNotFound(NotDelivered):
    """No member of the cluster hosts this kind."""

    def __init__(self, kind: str, members: int) -> None:
        self.kind = kind
        hosts = f"none of the {members} members hosts" if members else "there is no member to host"
        super().__init__(f"{hosts} kind {kind!r}: is it in `kinds=` of a member that is up?")


class ActivationFailed(NotDelivered):
    """The identity could not be activated; nothing of the call ran."""

    def __init__(self, identity: str, reason: str) -> None:
        self.identity = identity
        self.reason = reason
        super().__init__(f"could not activate {identity}: {reason}")


class GrainError(HandlerFailed):
    """The grain's method raised: a reason (protoactor-go's names), a text, metadata."""

    def __init__(
        self, reason: str, message: str = "", metadata: Mapping[str, str] | None = None
    ) -> None:
        self.reason = reason
        self.message = message
        self.metadata = dict(metadata or {})
        super().__init__(reason, message)


class ClusterError(ActorError):
    """Base of what goes wrong with membership itself."""


class NotAMember(ClusterError):
    """The operation needs a running member, and this process is not one."""


class JoinTimeout(ClusterError, TimeoutError):
    """The provider did not list this member in time."""


class MembershipLost(ClusterError):
    """The membership service, or the other members, evicted this member."""


class IdentityBlocked(ClusterError):
    """The kind refuses to activate this identity."""

    def __init__(self, identity: str) -> None:
        self.identity = identity
        super().__init__(f"{identity} may not be activated: its kind refuses it")


class StaleEpoch(ClusterError):
    """A newer activation of the identity exists; this one must not be trusted."""
