"""A client of the API server, for one thread."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import httpx2
from lightkube import Client

from protoactor_cluster.spi import Contact, Fault
from protoactor_provider_kubernetes._fault import Conflict, Missing, calling
from protoactor_provider_kubernetes._settings import Settings

__all__ = ["Connection"]

T = TypeVar("T")


class Connection:
    """Makes calls, and tells whether they get through."""

    def __init__(self, settings: Settings, contact: Contact) -> None:
        self._settings = settings
        self._contact = contact
        self._client: Client | None = None

    def call(self, operation: Callable[[Client], T]) -> T:
        """Run `operation`; raises `Fault`s, `Conflict` and `Missing`."""
        try:
            with calling(self._settings.server):
                answer = operation(self._living())
        except Fault as error:
            self._contact.lost(self, str(error))
            raise
        except (Conflict, Missing):
            self._contact.regained(self)
            raise
        self._contact.regained(self)
        return answer

    def close(self) -> None:
        if self._client is not None:
            self._client.close()
        self._contact.retire(self)

    def _living(self) -> Client:
        if self._client is None:
            settings = self._settings
            self._client = Client(
                settings.config,
                namespace=settings.namespace,
                timeout=httpx2.Timeout(settings.call_timeout),
                field_manager="protoactor",
            )
        return self._client
