"""What connections tell about members."""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING, Self

from protoactor import Subscription
from protoactor_remote import EndpointTerminated, PeerLeaving, TerminationReason

if TYPE_CHECKING:
    from protoactor_cluster.cluster import Cluster

__all__ = ["Peers"]


class Peers:
    """Listens while inside: to peers that leave, and to those that refuse this one."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._subscriptions: list[Subscription] = []

    def __enter__(self) -> Self:
        events = self._cluster.system.events
        self._subscriptions = [
            events.subscribe(self._leaving, PeerLeaving),
            events.subscribe(self._ended, EndpointTerminated),
        ]
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for subscription in self._subscriptions:
            subscription.cancel()

    def _leaving(self, event: PeerLeaving) -> None:
        """For a client there is no other way to hear of it in time."""
        reason = "it asked this process to leave"
        self._cluster.session.block([event.system_id], reason, peaceful=True)

    def _ended(self, event: EndpointTerminated) -> None:
        blocked = event.reason is TerminationReason.BLOCKED_BY_PEER
        if blocked and self._cluster.member_at(event.address) is not None:
            self._cluster.session.evict(f"{event.address} refuses this member")
