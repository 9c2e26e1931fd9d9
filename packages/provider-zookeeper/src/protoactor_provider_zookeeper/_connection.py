"""A session with ZooKeeper, whenever there can be one."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from protoactor_cluster.spi import Contact, Fault, Settings
from protoactor_provider_zookeeper._session import Session

__all__ = ["Connection"]

T = TypeVar("T")


class Connection:
    """Belongs to one thread. A session that was away for too long is given up.

    It has ended by then, or cannot return: a ZooKeeper that was emptied does not let
    anyone in who has seen more than it has. `changed` is called by other threads.
    """

    def __init__(
        self,
        settings: Settings,
        contact: Contact,
        changed: Callable[[], None] = lambda: None,
    ) -> None:
        self._settings = settings
        self._contact = contact
        self._changed = changed
        self._session: Session | None = None

    def call(self, operation: Callable[[Session], T]) -> T:
        """Run `operation` in a session that is connected; raises `Fault`s."""
        try:
            answer = operation(self._living())
        except Fault as error:
            self._contact.lost(self, str(error))
            raise
        self._contact.regained(self)
        return answer

    def failed(self, error: Fault) -> None:
        """This session is no good: the next call begins another one."""
        self._contact.lost(self, str(error))
        self.drop()

    def drop(self) -> None:
        """End the session."""
        session, self._session = self._session, None
        if session is not None:
            session.close()

    def close(self) -> None:
        self.drop()
        self._contact.retire(self)

    def _living(self) -> Session:
        if self._session is not None and self._session.away > self._settings.timing.ttl:
            self.drop()
        if self._session is None:
            self._session = Session(self._settings, self._noticed)
        if not self._session.connected:
            raise self._session.unavailable()
        return self._session

    def _noticed(self) -> None:
        session = self._session
        if session is not None and not session.connected:
            self._contact.lost(self, str(session.unavailable()))
        self._changed()
