"""A member's key in etcd and the lease that it hangs on."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable

from protoactor_provider_etcd._client import Etcd, Renewal
from protoactor_provider_etcd._clock import now
from protoactor_provider_etcd._connection import Connection
from protoactor_provider_etcd._contact import Contact
from protoactor_provider_etcd._fault import Fault, LeaseGone
from protoactor_provider_etcd._tenure import Tenure

__all__ = ["Claim", "Evicted"]

_log = logging.getLogger("protoactor.provider.etcd")


class Evicted(Exception):
    """The lease has ended, and the other members know."""


class Claim:
    """Blocking, for the thread that owns `connection`; calls raise `Fault`s."""

    def __init__(
        self,
        connection: Connection,
        contact: Contact,
        ttl: int,
        key: str,
        value: bytes,
        registered: Callable[[int], None],
    ) -> None:
        self._connection = connection
        self._contact = contact
        self._ttl = ttl
        self._key = key
        self._value = value
        self._registered = registered
        self._tenure = Tenure(ttl, contact)
        self._granted: int | None = None
        self._held: int | None = None

    def register(self) -> None:
        """Write the key under a new lease, in place of an older one."""
        self._tenure = Tenure(self._ttl, self._contact)
        revision = self._connection.call(self._put)
        self._held = self._granted
        self._tenure.renewed(revision)
        self._registered(revision)

    def renew(self) -> None:
        """Let the lease start anew, or register again after an outage.

        Raises `Evicted`.
        """
        if self._held is None:
            self.register()
            return
        renewal = self._connection.call(self._send)
        if renewal.alive:
            self._tenure.renewed(renewal.revision)
            return
        self._held = None
        if self._tenure.evicted(renewal.revision):
            raise Evicted
        _log.warning("%s was lost while etcd was out of reach: again", self._key)
        self.register()

    def withdraw(self) -> None:
        """Take the key back; what etcd does not hear of ends with the lease."""
        if self._granted is None:
            return
        try:
            self._connection.call(self._remove)
        except Fault as error:
            left = f"{self._key} stays until its lease of {self._ttl} s ends"
            _log.warning("could not deregister, %s: %s", left, error)

    def _put(self, etcd: Etcd) -> int:
        self._tenure.attempt(now())
        self._granted = etcd.grant(self._ttl)
        return etcd.put(self._key, self._value, self._granted)

    def _send(self, etcd: Etcd) -> Renewal:
        self._tenure.attempt(now())
        assert self._held is not None
        return etcd.renew(self._held)

    def _remove(self, etcd: Etcd) -> None:
        etcd.delete(self._key)
        if self._granted is not None:
            with contextlib.suppress(LeaseGone):
                etcd.revoke(self._granted)
