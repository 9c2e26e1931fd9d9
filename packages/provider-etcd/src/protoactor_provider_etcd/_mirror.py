"""The thread that follows the store and hands whole pictures of it to the loop."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial

from protoactor_cluster.provider import Member
from protoactor_provider_etcd._backoff import Backoff
from protoactor_provider_etcd._changes import Changes
from protoactor_provider_etcd._connection import Connection
from protoactor_provider_etcd._contact import Contact
from protoactor_provider_etcd._directory import Directory
from protoactor_provider_etcd._evictions import Evictions
from protoactor_provider_etcd._fault import Compacted, Fault, Oversized, Unavailable
from protoactor_provider_etcd._membership import Membership
from protoactor_provider_etcd._record import Folder
from protoactor_provider_etcd._roster import Roster
from protoactor_provider_etcd._settings import Settings
from protoactor_provider_etcd._worker import Worker

__all__ = ["Mirror", "Snapshot"]

_log = logging.getLogger("protoactor.provider.etcd")


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The members by id, the ids in the store, and its revision."""

    members: Mapping[str, Member]
    listed: frozenset[str]
    revision: int = field(compare=False)


class Mirror:
    """Lists a folder, then watches it; starts over whenever that breaks.

    `latest` is None until the first listing, `trouble` says why; `wake` is set in the
    event loop when either changes. Only the newest picture is kept.
    """

    def __init__(
        self,
        settings: Settings,
        contact: Contact,
        folder: Folder,
        membership: Membership,
        wake: asyncio.Event,
    ) -> None:
        self.latest: Snapshot | None = None
        self.trouble: Fault | None = None
        self._contact = contact
        self._path = folder.path
        self._membership = membership
        self._wake = wake
        self._waking = False
        self._connection = Connection(settings, contact)
        self._directory = Directory(folder)
        self._roster = Roster()
        self._evictions = Evictions(self._connection, folder)
        self._worker = Worker(self._run, f"etcd-mirror {folder.path}")
        self._backoff = Backoff(cap=settings.interval)
        self._stop = threading.Event()
        self._changes: Changes | None = None

    async def __aenter__(self) -> None:
        self._worker.start()

    async def __aexit__(self, *_: object) -> None:
        self._stop.set()
        if self._changes is not None:
            self._changes.close()
        await self._worker.ended()

    def _run(self) -> None:
        try:
            while not self._stop.is_set():
                self._stop.wait(self._attempt())
        finally:
            self._connection.close()

    def _attempt(self) -> float:
        """Follow the store until that breaks; returns the pause before the next try."""
        try:
            self._list()
            self._watch()
        except Compacted:
            return 0.0
        except Fault as error:
            self.trouble = error
            self._notify()
        except Exception as error:  # nothing in the store may end the membership
            _log.exception("unexpected error while following %s", self._path)
            self._connection.failed(Unavailable("etcd", repr(error)))
        return self._backoff.next()

    def _list(self) -> None:
        listing = self._connection.call(lambda etcd: etcd.listing(self._path))
        self._directory.replace(listing)
        self._settle()

    def _watch(self) -> None:
        start = self._directory.revision + 1
        changes = self._connection.call(lambda etcd: etcd.changes(self._path, start))
        self._changes = changes
        if self._stop.is_set():
            changes.close()
        try:
            self._follow(changes)
        except (Compacted, Oversized):  # etcd is there: list what it could not send
            raise
        except Fault as error:
            if not self._stop.is_set():
                self._connection.failed(error)
                raise

    def _follow(self, changes: Changes) -> None:
        for batch in changes:
            self._backoff.reset()
            self._directory.apply(batch)
            self._settle()

    def _settle(self) -> None:
        """Let go of whom the store does not know, and publish what that leaves."""
        self._roster.update(self._directory.members)
        try:
            if self._contact.settled:
                self._look_for_own()
                for member_id in self._roster.missing:
                    self._drop(member_id)
        finally:
            self._publish()

    def _publish(self) -> None:
        store = self._directory
        listed = frozenset(store.members)
        snapshot = Snapshot(self._roster.members(), listed, store.revision)
        if snapshot != self.latest:
            self.trouble = None
            self.latest = snapshot
            self._notify()

    def _look_for_own(self) -> None:
        own, store = self._membership.registration, self._directory
        if own is None or own.revision > store.revision:
            return
        if own.member.id not in store.members:
            reason = "etcd has its key no longer"
            self._worker.post(partial(self._membership.evicted, own.member, reason))

    def _drop(self, member_id: str) -> None:
        """Members make sure that who is dropped stays away; clients look on."""
        own, since = self._membership.registration, self._directory.revision
        if own is not None and own.member.id == member_id:
            return  # whoever watches hears of it, or it registers again
        if own is None or self._evictions.mark(member_id, since):
            self._roster.drop(member_id)

    def _notify(self) -> None:
        if not self._waking:
            self._waking = True
            self._worker.post(self._woken)

    def _woken(self) -> None:
        self._waking = False
        self._wake.set()
