"""What can go wrong in a cluster.

NotDelivered    KindNotFound, ActivationFailed
HandlerFailed   GrainError
ActorError
  ClusterError  NotAMember, JoinTimeout, MembershipLost, IdentityBlocked, StaleEpoch,
                CallCycle
  GrainDefinitionError
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from protoactor.errors import ActorError, HandlerFailed, NotDelivered

__all__ = [
    "ActivationFailed",
    "CallCycle",
    "ClusterError",
    "GrainDefinitionError",
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
        self.members = members
        hosts = (
            f"none of the {members} members hosts"
            if members
            else "there is no member to host"
        )
        super().__init__(
            f"{hosts} kind {kind!r}: is it in `kinds=` of a member that is up?"
        )


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


class GrainDefinitionError(ActorError, TypeError):
    """A grain class cannot be called from elsewhere as it is written."""

    def __init__(self, owner: str, method: str, reason: str) -> None:
        self.owner = owner
        self.method = method
        self.reason = reason
        super().__init__(f"{owner}.{method}: {reason}")


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


class CallCycle(ClusterError):
    """The call would wait for a grain that waits for it; `cycle` lists the grains.

    Mark the called method `@rpc(reentrant=True)` if it may run in between.
    """

    def __init__(self, cycle: Sequence[str]) -> None:
        self.cycle = tuple(cycle)
        super().__init__(
            f"call cycle {' -> '.join(self.cycle)}: "
            "mark the called method @rpc(reentrant=True), or do not wait for it"
        )
