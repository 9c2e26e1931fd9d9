"""A member's key in etcd and the lease that it hangs on."""

from __future__ import annotations

import contextlib
import logging

from protoactor_cluster.spi import Contact, Evicted, Fault, Tenure, now
from protoactor_provider_etcd._client import Etcd
from protoactor_provider_etcd._connection import Connection
from protoactor_provider_etcd._entry import Renewal
from protoactor_provider_etcd._fault import LeaseGone

__all__ = ["EtcdClaim"]

_log = logging.getLogger("protoactor.provider.etcd")


class EtcdClaim:
    """Blocking, for one thread; calls raise `Fault`s."""

    def __init__(
        self,
        connection: Connection,
        contact: Contact,
        ttl: int,
        keys: tuple[str, str],
        value: bytes,
    ) -> None:
        self._connection = connection
        self._contact = contact
        self._ttl = ttl
        self._key, self._mark = keys
        self._value = value
        self._tenure = Tenure(ttl, contact)
        self._granted: int | None = None
        self._held: int | None = None

    def register(self) -> int:
        """Write the key for the first time."""
        return self._hold(self._connection.call(self._put))

    def renew(self) -> int | None:
        """Let the lease start anew, or register again if nobody has noticed its end."""
        if self._held is not None:
            renewal = self._connection.call(self._send)
            if renewal.alive:
                self._tenure.renewed(renewal.revision)
                return None
            if self._tenure.evicted(renewal.revision):
                raise Evicted("its lease ended while etcd could be reached")
            self._held = None
        return self._register_again()

    def stall(self) -> None:
        """The lease ends by itself."""

    def withdraw(self) -> None:
        """Take the key back; what etcd does not hear of ends with the lease."""
        try:
            if self._granted is not None:
                self._connection.call(self._remove)
        except Fault as error:
            _log.warning("%s stays in etcd until its lease ends: %s", self._key, error)
        finally:
            self._connection.close()

    def _register_again(self) -> int:
        revision = self._connection.call(self._put_again)
        if revision is None:
            raise Evicted("others dropped it while etcd was out of reach")
        _log.warning("%s is registered again after an outage of etcd", self._key)
        return self._hold(revision)

    def _hold(self, revision: int) -> int:
        self._held = self._granted
        self._tenure.renewed(revision)
        return revision

    def _put(self, etcd: Etcd) -> int:
        lease = self._grant(etcd)
        return etcd.put(self._key, self._value, lease, delete=self._mark)

    def _put_again(self, etcd: Etcd) -> int | None:
        lease = self._grant(etcd)
        return etcd.put_unless(self._mark, 0, self._key, self._value, lease)

    def _grant(self, etcd: Etcd) -> int:
        self._tenure = Tenure(self._ttl, self._contact)
        self._tenure.attempt(now())
        self._granted = etcd.grant(self._ttl)
        return self._granted

    def _send(self, etcd: Etcd) -> Renewal:
        assert self._held is not None
        self._tenure.attempt(now())
        return etcd.renew(self._held)

    def _remove(self, etcd: Etcd) -> None:
        etcd.delete(self._key)  # it may hang on an older lease, if an answer was lost
        if self._granted is not None:
            with contextlib.suppress(LeaseGone):
                etcd.revoke(self._granted)
