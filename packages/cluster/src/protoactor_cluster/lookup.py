"""The seam that finds where an identity lives."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, Protocol

from protoactor import PID, NotDelivered
from protoactor_cluster.identity import ClusterIdentity
from protoactor_cluster.topology import TopologyChange

if TYPE_CHECKING:
    from protoactor_cluster.cluster import Cluster

__all__ = ["IdentityLookup", "NotPlaced"]


class NotPlaced(NotDelivered):
    """The identity could not be located just now; trying again may help."""

    def __init__(self, identity: ClusterIdentity, reason: str) -> None:
        self.identity = identity
        self.reason = reason
        super().__init__(f"{identity} could not be located: {reason}")


class IdentityLookup(Protocol):
    """Finds activations, and has one made where there is none."""

    name: str
    """Travels in the members' metadata: all members must use the same lookup."""
    hands_over: bool
    """Whether a leaving member's identities can live elsewhere while it still owns
    them. If so its activations end before others take over ownership."""

    def run(self, cluster: Cluster) -> AbstractAsyncContextManager[None]:
        """Work for this cluster while inside; again after that, but not twice at once."""
        ...

    async def get(
        self, identity: ClusterIdentity, *, timeout: float, dead: PID | None = None
    ) -> PID:
        """Where the identity lives, activating it if need be.

        `dead` is a PID of it that reached nobody. Raises `NotPlaced` when trying
        again may help, `KindNotFound`, `ActivationFailed`, `IdentityBlocked`.
        """
        ...

    def topology_changed(self, change: TopologyChange) -> None:
        """Called on the loop before anybody else hears of the change."""
        ...

    def leave(self) -> None:
        """This member owns nothing from now on: what it is asked it passes on."""
        ...

    def may_host(self, identity: ClusterIdentity) -> bool:
        """Whether an activation of this identity may live on this member now."""
        ...

    def owner_actor(self, identity: ClusterIdentity) -> PID | None:
        """Who wants to hear that an activation of this identity has ended."""
        ...

    @property
    def settled(self) -> bool:
        """Whether nothing has to wait for a change of ownership."""
        ...
