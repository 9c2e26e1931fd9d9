"""The members in etcd, listed and then watched."""

from __future__ import annotations

from collections.abc import Iterator

from protoactor_cluster.spi import Fault, Picture
from protoactor_provider_etcd._changes import Changes
from protoactor_provider_etcd._connection import Connection
from protoactor_provider_etcd._directory import Directory
from protoactor_provider_etcd._evictions import Evictions
from protoactor_provider_etcd._fault import Compacted, Oversized
from protoactor_provider_etcd._folder import Folder

__all__ = ["EtcdSource"]


class EtcdSource:
    """Follows one folder; blocking, for one thread."""

    def __init__(self, connection: Connection, folder: Folder) -> None:
        self._connection = connection
        self._path = folder.path
        self._directory = Directory(folder)
        self._evictions = Evictions(connection, folder)
        self._interrupted = False
        self._changes: Changes | None = None

    def follow(self) -> Iterator[Picture]:
        """A picture now, after every change, and twice in half a lease.

        Changes that were compacted away, or are too large, are listed instead.
        """
        while not self._interrupted:
            listing = self._connection.call(lambda etcd: etcd.listing(self._path))
            self._directory.replace(listing)
            yield self._picture()
            try:
                yield from self._watch()
            except Compacted:
                pass
            except Oversized:  # etcd is there: list what it could not send
                raise
            except Fault as error:
                if not self._interrupted:
                    self.failed(error)
                    raise

    def evict(self, member_id: str, since: int) -> bool:
        return self._evictions.mark(member_id, since)

    def failed(self, error: Fault) -> None:
        self._connection.failed(error)

    def interrupt(self) -> None:
        self._interrupted = True
        if self._changes is not None:
            self._changes.close()

    def close(self) -> None:
        self._connection.close()

    def _watch(self) -> Iterator[Picture]:
        start = self._directory.revision + 1
        changes = self._connection.call(lambda etcd: etcd.changes(self._path, start))
        self._changes = changes
        if self._interrupted:
            changes.close()
        for batch in changes:
            self._directory.apply(batch)
            yield self._picture()

    def _picture(self) -> Picture:
        return Picture(dict(self._directory.members), self._directory.revision)
