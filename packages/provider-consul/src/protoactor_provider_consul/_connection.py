"""Consul's API, with a note of whether it can be reached."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from protoactor_cluster.spi import Contact, Fault, Settings
from protoactor_provider_consul._agent import Agent, Interrupted
from protoactor_provider_consul._api import Api

__all__ = ["Connection"]

T = TypeVar("T")


class Connection:
    """Belongs to one thread."""

    def __init__(self, settings: Settings, token: str | None, contact: Contact) -> None:
        self._agent = Agent(settings, token)
        self._api = Api(self._agent)
        self._contact = contact

    def call(self, operation: Callable[[Api], T]) -> T:
        """Raises `Fault`s, and `Interrupted`."""
        try:
            answer = operation(self._api)
        except Interrupted:
            raise
        except Fault as error:
            self.failed(error)
            raise
        self._contact.regained(self)
        return answer

    def failed(self, error: Fault) -> None:
        """The next call opens a connection of its own."""
        self._contact.lost(self, str(error))
        self._agent.disconnect()

    def interrupt(self) -> None:
        """From another thread."""
        self._agent.interrupt()

    def close(self) -> None:
        self._agent.close()
        self._contact.retire(self)
