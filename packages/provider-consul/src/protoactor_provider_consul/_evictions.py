"""Marks in Consul: who was dropped may not come back under its id."""

from __future__ import annotations

from protoactor_cluster.spi import Unavailable, now
from protoactor_provider_consul._api import Api

__all__ = ["Evictions", "mark_of"]

KEPT = 24 * 3600.0
RENEWED = 3600.0


def mark_of(prefix: str, service: str, member_id: str) -> str:
    """The key that says that others have dropped this member."""
    return f"{prefix}/evicted/{service}/{member_id}"


class Evictions:
    """Sets the marks of one cluster; blocking, for one thread."""

    def __init__(self, prefix: str, service: str) -> None:
        self._prefix = prefix
        self._service = service
        self._session: str | None = None
        self._created = 0.0

    def mark(self, api: Api, member_id: str) -> bool:
        """Drop a member for good; False if it is registered."""
        if api.health(self._service).has(member_id):
            return False
        mark = mark_of(self._prefix, self._service, member_id)
        if not api.lock(mark, self._living_session(api)):
            self._session = None  # wiped away with everything else
            api.lock(mark, self._living_session(api))
        if not api.exists(mark):
            raise Unavailable("Consul", "a mark of an eviction was not set")
        return not api.health(self._service).has(member_id)

    def _living_session(self, api: Api) -> str:
        """One session for the marks of an hour: they end by themselves a day later."""
        if self._session is None or now() - self._created > RENEWED:
            self._session = api.new_session(KEPT)
            self._created = now()
        return self._session
