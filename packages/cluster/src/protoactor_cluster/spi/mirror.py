"""The thread that follows the store and hands whole pictures of it to the loop."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial

from protoactor_cluster.provider import Member
from protoactor_cluster.spi.backoff import Backoff
from protoactor_cluster.spi.contact import Contact
from protoactor_cluster.spi.fault import Fault, Unavailable
from protoactor_cluster.spi.membership import Membership
from protoactor_cluster.spi.roster import Roster
from protoactor_cluster.spi.store import Picture, Source, Store
from protoactor_cluster.spi.worker import Worker

__all__ = ["Mirror", "Snapshot"]

_log = logging.getLogger("protoactor.provider")


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The members by id, the ids in the store, and its revision."""

    members: Mapping[str, Member]
    listed: frozenset[str]
    revision: int = field(compare=False)


class Mirror:
    """Follows a source, and starts over whenever that breaks.

    `latest` is None until the first picture, `trouble` says why; `wake` is set in the
    event loop when either changes. Only the newest picture is kept.
    """

    def __init__(
        self,
        store: Store,
        source: Source,
        contact: Contact,
        membership: Membership,
        wake: asyncio.Event,
    ) -> None:
        self.latest: Snapshot | None = None
        self.trouble: Fault | None = None
        self._name = store.name
        self._source = source
        self._contact = contact
        self._membership = membership
        self._wake = wake
        self._waking = False
        self._roster = Roster()
        self._worker = Worker(self._run, f"{store.name}-mirror")
        self._backoff = Backoff(longest=store.timing.interval)
        self._stop = threading.Event()

    async def __aenter__(self) -> None:
        self._worker.start()

    async def __aexit__(self, *_: object) -> None:
        self._stop.set()
        self._source.interrupt()
        await self._worker.ended()

    def _run(self) -> None:
        try:
            while not self._stop.is_set():
                self._stop.wait(self._attempt())
        finally:
            self._source.close()

    def _attempt(self) -> float:
        """Follow the store until that breaks; returns the pause before the next try."""
        try:
            for picture in self._source.follow():
                self._settle(picture)
                self._backoff.reset()
        except Fault as error:
            self.trouble = error
            self._notify()
        except Exception as error:  # nothing in the store may end the membership
            _log.exception("unexpected error while following %s", self._name)
            self._source.failed(Unavailable(self._name, repr(error)))
        return self._backoff.next()

    def _settle(self, picture: Picture) -> None:
        """Let go of whom the store does not know, and publish what that leaves."""
        self._roster.update(picture.members)
        try:
            if self._contact.settled:
                self._look_for_own(picture)
                for member_id in self._roster.missing:
                    self._drop(member_id, picture.revision)
        finally:
            self._publish(picture)

    def _publish(self, picture: Picture) -> None:
        listed = frozenset(picture.members)
        snapshot = Snapshot(self._roster.members(), listed, picture.revision)
        if snapshot != self.latest:
            self.trouble = None
            self.latest = snapshot
            self._notify()

    def _look_for_own(self, picture: Picture) -> None:
        own = self._membership.registration
        if own is None or own.revision > picture.revision:
            return
        if own.member.id not in picture.members:
            reason = f"{self._name} has it no longer"
            self._worker.post(partial(self._membership.evicted, own.member, reason))

    def _drop(self, member_id: str, since: int) -> None:
        """Members make sure that who is dropped stays away; clients look on."""
        own = self._membership.registration
        if own is not None and own.member.id == member_id:
            return  # whoever watches hears of it, or it registers again
        if own is None or self._source.evict(member_id, since):
            self._roster.drop(member_id)

    def _notify(self) -> None:
        if not self._waking:
            self._waking = True
            self._worker.post(self._woken)

    def _woken(self) -> None:
        self._waking = False
        self._wake.set()
