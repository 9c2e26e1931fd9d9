"""One consumer's stream of views."""

from __future__ import annotations

import asyncio
import contextlib

from protoactor_cluster.provider import Member
from protoactor_provider_etcd._contact import Contact
from protoactor_provider_etcd._fault import Refused
from protoactor_provider_etcd._first_contact import explain
from protoactor_provider_etcd._membership import Membership
from protoactor_provider_etcd._mirror import Mirror, Snapshot
from protoactor_provider_etcd._record import Folder
from protoactor_provider_etcd._settings import Settings
from protoactor_provider_etcd._view import View

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
        self._contact = contact
        self._membership = membership
        self._wake = asyncio.Event()
        self._mirror = Mirror(settings, contact, folder, self._wake)
        self._view = View(membership)
        self._last: tuple[Member, ...] | None = None

    async def __aenter__(self) -> None:
        self._membership.watchers.add(self._wake)
        await self._mirror.__aenter__()

    async def __aexit__(self, *_: object) -> None:
        self._membership.watchers.discard(self._wake)
        await self._mirror.__aexit__()

    async def next(self) -> tuple[tuple[Member, ...], int]:
        """The next view that differs, with the store's revision."""
        store = await self._listed()
        while True:
            hold = self._contact.hold()
            members = self._view.update(store, hold=hold > 0)
            if members != self._last:
                self._last = members
                return members, store.revision
            await self._woken(min(hold, self._settings.interval))
            store = await self._listed()

    async def _listed(self) -> Snapshot:
        """The newest picture; whoever has not joined does not wait for it for ever."""
        if self._mirror.latest is None:
            joined = self._membership.member is not None
            try:
                async with asyncio.timeout(
                    None if joined else self._settings.join_timeout
                ):
                    await self._first_listing()
            except TimeoutError:
                raise explain(self._mirror.trouble, self._settings) from None
        assert self._mirror.latest is not None
        return self._mirror.latest

    async def _first_listing(self) -> None:
        while self._mirror.latest is None:
            if isinstance(self._mirror.trouble, Refused):
                raise explain(self._mirror.trouble, self._settings)
            self._wake.clear()
            await self._wake.wait()

    async def _woken(self, hold: float) -> None:
        """Wait for news, or until removals need not wait any longer."""
        self._wake.clear()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(hold if hold and self._view.waiting else None):
                await self._wake.wait()
