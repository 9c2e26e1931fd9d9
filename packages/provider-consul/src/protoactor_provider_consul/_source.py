"""The members in Consul, by queries that wait for a change."""

from __future__ import annotations

import threading
from collections.abc import Iterator

from protoactor_cluster.spi import (
    Fault,
    Listed,
    NotARecord,
    Picture,
    Skips,
    Timing,
)
from protoactor_provider_consul._agent import Interrupted
from protoactor_provider_consul._api import Entry, Health
from protoactor_provider_consul._connection import Connection
from protoactor_provider_consul._evictions import Evictions
from protoactor_provider_consul._service import decode_service

__all__ = ["ConsulSource"]

PAUSE = 0.1
"""At the least between two queries: Consul may answer at once without a change."""


class ConsulSource:
    """Follows the services of one name; blocking, for one thread."""

    def __init__(
        self, connection: Connection, timing: Timing, name: str, evictions: Evictions
    ) -> None:
        self._connection = connection
        self._timing = timing
        self._name = name
        self._evictions = evictions
        self._skips = Skips("consul")
        self._stop = threading.Event()

    def follow(self) -> Iterator[Picture]:
        """A picture now, after every change, and every third of the time to live."""
        index = 0
        try:
            while not self._stop.is_set():
                health = self._ask(index)
                yield self._picture(health)
                # An index that went back means that Consul has begun anew.
                index = health.index if health.index >= index else 0
                self._stop.wait(PAUSE)
        except Interrupted:
            return

    def evict(self, member_id: str, since: int) -> bool:
        return self._connection.call(lambda api: self._evictions.mark(api, member_id))

    def failed(self, error: Fault) -> None:
        self._connection.failed(error)

    def interrupt(self) -> None:
        self._stop.set()
        self._connection.interrupt()

    def close(self) -> None:
        self._connection.close()

    def _ask(self, index: int) -> Health:
        wait = self._timing.interval
        return self._connection.call(
            lambda api: api.health(self._name, index=index, wait=wait)
        )

    def _picture(self, health: Health) -> Picture:
        members: dict[str, Listed] = {}
        self._skips.keep_only(_key(entry) for entry in health.entries)
        for entry in health.entries:
            try:
                member = decode_service(entry["Service"])
            except NotARecord as error:
                self._skips.skip(_key(entry), error)
            else:
                self._skips.forget(_key(entry))
                since = int(entry["Service"].get("CreateIndex", 0))
                known = members.get(member.id)
                if known is None or known.since < since:
                    members[member.id] = Listed(member, since)
        return Picture(members, health.index)


def _key(entry: Entry) -> str:
    return f"{entry['Service'].get('ID')}@{entry.get('Node', {}).get('Node')}"
