"""The members in ZooKeeper, read again whenever a watch says so."""

from __future__ import annotations

import queue
from collections.abc import Iterator
from typing import Any

from protoactor_cluster.spi import (
    Contact,
    Fault,
    Listed,
    NotARecord,
    Picture,
    Settings,
    Skips,
    decode_record,
)
from protoactor_provider_zookeeper._connection import Connection
from protoactor_provider_zookeeper._evictions import Evictions
from protoactor_provider_zookeeper._folder import Folder
from protoactor_provider_zookeeper._session import NoNode, Session

__all__ = ["ZooKeeperSource"]

EVERYTHING = ""


class ZooKeeperSource:
    """Follows one folder; blocking, for one thread."""

    def __init__(self, settings: Settings, contact: Contact, folder: Folder) -> None:
        self._interval = settings.timing.interval
        self._folder = folder
        self._connection = Connection(settings, contact, self._reconnected)
        self._evictions = Evictions(folder)
        self._skips = Skips("zookeeper")
        self._known: dict[str, Listed | None] = {}
        self._changed: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._interrupted = False

    def follow(self) -> Iterator[Picture]:
        """A picture now, after every change, and every third of the timeout."""
        self._known.clear()
        while not self._interrupted:
            yield self._connection.call(self._read)
            self._wait()

    def evict(self, member_id: str, since: int) -> bool:
        return self._connection.call(
            lambda session: self._evictions.mark(session, member_id)
        )

    def failed(self, error: Fault) -> None:
        self._connection.failed(error)

    def interrupt(self) -> None:
        self._interrupted = True
        self._changed.put(EVERYTHING)

    def close(self) -> None:
        self._connection.close()

    def _read(self, session: Session) -> Picture:
        try:
            children = session.children(self._folder.path, self._watched)
        except NoNode:
            session.exists(self._folder.path, self._watched)
            return Picture({}, 0)
        self._skips.keep_only(children.names)
        self._known = {
            name: listed
            for name, listed in self._known.items()
            if name in children.names
        }
        for name in children.names:
            if name not in self._known:
                self._look_at(session, name)
        return Picture(self._members(), children.revision)

    def _look_at(self, session: Session, name: str) -> None:
        try:
            node = session.get(self._folder.record(name), self._watched)
        except NoNode:  # it went after it was listed, which the watch will tell
            return
        try:
            member = decode_record(node.value)
        except NotARecord as error:
            self._skips.skip(name, error)
            self._known[name] = None
        else:
            self._skips.forget(name)
            self._known[name] = Listed(member, node.created)

    def _members(self) -> dict[str, Listed]:
        """Of two records of one member, the newer one is true."""
        everyone = [listed for listed in self._known.values() if listed is not None]
        everyone.sort(key=lambda listed: listed.since)
        return {listed.member.id: listed for listed in everyone}

    def _wait(self) -> None:
        """Until something changed, or it is time for a look."""
        try:
            self._forget(self._changed.get(timeout=self._interval))
            while True:
                self._forget(self._changed.get_nowait())
        except queue.Empty:
            pass

    def _forget(self, path: str) -> None:
        if path == EVERYTHING:
            self._known.clear()
        else:
            self._known.pop(path.rpartition("/")[2], None)

    def _watched(self, event: Any) -> None:
        """In a thread of kazoo; an event without a path means that watches are lost."""
        self._changed.put(event.path or EVERYTHING)

    def _reconnected(self) -> None:
        self._changed.put(EVERYTHING)
