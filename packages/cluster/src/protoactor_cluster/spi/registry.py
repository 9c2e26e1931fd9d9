"""The clusters of one provider, in one store."""

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

__all__ = ["Registry"]


class Registry:
    """`join` and `watch` of a `ClusterProvider`, for one member per cluster."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._contact = Contact(store.name, store.timing.ttl)
        self._memberships: dict[str, Membership] = {}
        self._revision = 0

    def join(self, cluster: str, member: Member) -> AbstractAsyncContextManager[None]:
        """Keep `member` registered while inside."""
        membership = self.membership(cluster)
        claim = self._store.claim(cluster, member, self._contact)
        return Keeper(self._store, claim, membership, member)

    async def watch(self, cluster: str) -> AsyncGenerator[MembershipView, None]:
        """The whole view now and after every change, through outages."""
        membership = self.membership(cluster)
        source = self._store.source(cluster, self._contact)
        watch = Watch(self._store, source, self._contact, membership)
        async with watch:
            while True:
                view = await watch.next()
                self._revision = max(view.revision, self._revision + 1)
                yield replace(view, revision=self._revision)

    def membership(self, cluster: str) -> Membership:
        """What this provider knows of a cluster; raises `ValueError` without a name."""
        if not cluster:
            raise ValueError("the cluster needs a name")
        return self._memberships.setdefault(cluster, Membership(cluster))
