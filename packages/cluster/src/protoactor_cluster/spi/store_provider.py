"""A provider whose members meet at a service."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager
from dataclasses import replace

from protoactor_cluster.provider import Member, MembershipView
from protoactor_cluster.spi.contact import Contact
from protoactor_cluster.spi.keeper import Keeper
from protoactor_cluster.spi.membership import Membership
from protoactor_cluster.spi.store import Store
from protoactor_cluster.spi.watch import Watch

__all__ = ["StoreProvider"]


class StoreProvider:
    """The clusters of one `Store`, with one member each and any number of watchers."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._contact = Contact(store.name, store.timing.ttl)
        self._memberships: dict[str, Membership] = {}
        self._revision = 0

    @property
    def lease_ttl(self) -> float:
        """Seconds of silence after which others may take a member for dead."""
        return self._store.timing.ttl

    def join(self, cluster: str, member: Member) -> AbstractAsyncContextManager[None]:
        """Keep `member` registered while inside.

        Raises:
            JoinTimeout: The service did not answer within `join_timeout`.
            ClusterError: The service refused us; its provider has a type for it.
            ValueError: The name or the member cannot be stored.
        """
        membership = self._membership(cluster)
        claim = self._store.claim(cluster, member, self._contact)
        return Keeper(self._store, claim, membership, member)

    async def watch(self, cluster: str) -> AsyncGenerator[MembershipView, None]:
        """The whole view now and after every change, through outages of the service.

        Raises:
            MembershipLost: The joined member was evicted.
            JoinTimeout: Outside `join`, no first view within `join_timeout`.
            ClusterError: The service refused us at the first contact.
        """
        membership = self._membership(cluster)
        source = self._store.source(cluster, self._contact)
        watch = Watch(self._store, source, self._contact, membership)
        async with watch:
            while True:
                view = await watch.next()
                self._revision = max(view.revision, self._revision + 1)
                yield replace(view, revision=self._revision)

    def _membership(self, cluster: str) -> Membership:
        """What this provider knows of a cluster; raises `ValueError` without a name."""
        if not cluster:
            raise ValueError("the cluster needs a name")
        return self._memberships.setdefault(cluster, Membership(cluster))
