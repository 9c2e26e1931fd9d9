"""One consumer's stream of views."""

from __future__ import annotations

import asyncio

from protoactor_cluster.provider import Member, MembershipView
from protoactor_provider_etcd._contact import Contact
from protoactor_provider_etcd._fault import Refused
from protoactor_provider_etcd._first_contact import explain
from protoactor_provider_etcd._membership import Membership
from protoactor_provider_etcd._mirror import Mirror, Snapshot
from protoactor_provider_etcd._record import Folder
from protoactor_provider_etcd._settings import Settings

__all__ = ["Watch"]


class Watch:
    """Follows the store while inside."""

    def __init__(
        self,
        settings: Settings,
        contact: Contact,
        folder: Folder,
        membership: Membership,
    ) -> None:
        self._settings = settings
        self._membership = membership
        self._wake = asyncio.Event()
        self._mirror = Mirror(settings, contact, folder, membership, self._wake)
        self._last: MembershipView | None = None

    async def __aenter__(self) -> None:
        self._membership.watchers.add(self._wake)
        await self._mirror.__aenter__()

    async def __aexit__(self, *_: object) -> None:
        self._membership.watchers.discard(self._wake)
        await self._mirror.__aexit__()

    async def next(self) -> MembershipView:
        """The next view that differs, at the store's revision.

        Raises `MembershipLost`.
        """
        while True:
            store = self._mirror.latest or await self._first_listing()
            if self._membership.lost is not None:
                raise self._membership.lost
            view = MembershipView.of(self._with_own(store), store.revision)
            if view != self._last:
                self._last = view
                return view
            await self._woken()

    def _with_own(self, store: Snapshot) -> list[Member]:
        """The members, and our own one even while etcd does not know it."""
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

    async def _first_listing(self) -> Snapshot:
        """Wait for it; whoever has not joined does not wait for ever."""
        limit = None if self._membership.joined else self._settings.join_timeout
        try:
            async with asyncio.timeout(limit):
                while self._mirror.latest is None:
                    if isinstance(self._mirror.trouble, Refused):
                        raise explain(self._mirror.trouble, self._settings)
                    await self._woken()
        except TimeoutError:
            raise explain(self._mirror.trouble, self._settings) from None
        return self._mirror.latest

    async def _woken(self) -> None:
        await self._wake.wait()
        self._wake.clear()
