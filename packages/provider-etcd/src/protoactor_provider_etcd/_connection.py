"""A connection to whichever endpoint answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from protoactor_cluster.spi import Contact, Fault, Refused, Settings, Unavailable
from protoactor_provider_etcd._client import Etcd

__all__ = ["Connection"]

T = TypeVar("T")


class Connection:
    """Belongs to one thread, stays with an endpoint until it fails, then goes on."""

    def __init__(self, settings: Settings, contact: Contact) -> None:
        self._settings = settings
        self._contact = contact
        self._position = 0
        self._etcd: Etcd | None = None

    def call(self, operation: Callable[[Etcd], T]) -> T:
        """Run `operation` at the first endpoint that answers, each tried once.

        Raises the last endpoint's `Unavailable`, or at once any other `Fault`.
        """
        for left in reversed(range(len(self._settings.endpoints))):
            try:
                answer = self._call_here(operation)
            except (Refused, Unavailable) as error:
                self.failed(error)
                if not left or isinstance(error, Refused):
                    raise
            else:
                self._contact.regained(self)
                return answer
        raise AssertionError("there is at least one endpoint")

    def failed(self, error: Fault) -> None:
        """This endpoint is no good now: the next call goes to the next one."""
        self._contact.lost(self, str(error))
        self._drop()
        self._position += 1

    def close(self) -> None:
        self._drop()
        self._contact.retire(self)

    def _call_here(self, operation: Callable[[Etcd], T]) -> T:
        if self._etcd is not None:
            try:
                return operation(self._etcd)
            except Refused:  # a token that etcd has forgotten: log in again
                self._drop()
        self._etcd = self._open()
        return operation(self._etcd)

    def _open(self) -> Etcd:
        endpoints = self._settings.endpoints
        return Etcd(endpoints[self._position % len(endpoints)], self._settings)

    def _drop(self) -> None:
        etcd, self._etcd = self._etcd, None
        if etcd is not None:
            etcd.close()
