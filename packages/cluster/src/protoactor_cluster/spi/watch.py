"""One consumer's stream of views."""

from __future__ import annotations

import asyncio

from protoactor_cluster.errors import MembershipLost
from protoactor_cluster.provider import Member, MembershipView
from protoactor_cluster.spi.contact import Contact
from protoactor_cluster.spi.fault import Refused
from protoactor_cluster.spi.membership import Membership
from protoactor_cluster.spi.mirror import Mirror, Snapshot
from protoactor_cluster.spi.store import Source, Store

__all__ = ["Watch"]


class Watch:
    """Follows the store while inside."""

    def __init__(
        self, store: Store, source: Source, contact: Contact, membership: Membership
    ) -> None:
        self._store = store
        self._membership = membership
        self._wake = asyncio.Event()
        self._mirror = Mirror(store, source, contact, membership, self._wake)
        self._last: MembershipView | None = None

    async def __aenter__(self) -> None:
        self._membership.watchers.add(self._wake)
        await self._mirror.__aenter__()

    async def __aexit__(self, *_: object) -> None:
        self._membership.watchers.discard(self._wake)
        await self._mirror.__aexit__()

    async def next(self) -> MembershipView:
        """The next view that differs, at the store's revision.

        Raises `MembershipLost`. Whoever has not joined does not wait for ever for
        the first view: then it raises what `Store.explain` makes.
        """
        patient = self._membership.joined or self._mirror.latest is not None
        try:
            async with asyncio.timeout(
                None if patient else self._store.timing.join_timeout
            ):
                while (view := self._fresh()) is None:
                    await self._wake.wait()
                    self._wake.clear()
        except TimeoutError:
            raise self._store.explain(self._mirror.trouble) from None
        self._last = view
        return view

    def _fresh(self) -> MembershipView | None:
        """What the consumer has not seen yet, if there is anything."""
        if self._membership.lost is not None:
            raise MembershipLost(self._membership.lost)
        store = self._mirror.latest
        if store is not None:
            view = MembershipView.of(self._with_own(store), store.revision)
            return view if self._is_news(view, store) else None
        if isinstance(self._mirror.trouble, Refused):
            raise self._store.explain(self._mirror.trouble)
        return None

    def _is_news(self, view: MembershipView, store: Snapshot) -> bool:
        """The first view confirms our own member: only once the store lists it."""
        if self._last is not None:
            return view != self._last
        own = self._membership.registration
        return own is None or own.member.id in store.listed

    def _with_own(self, store: Snapshot) -> list[Member]:
        """The members, and our own one even while the store does not know it."""
        registration = self._membership.registration
        if registration is None:
            return list(store.members.values())
        own = registration.member
        others = [
            member
            for member in store.members.values()
            if member.id != own.id and member.address != own.address
        ]
        return [*others, own]
