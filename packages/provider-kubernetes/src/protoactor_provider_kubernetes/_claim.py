"""A member's Lease in Kubernetes."""

# lightkube leaves a type variable of its selectors open
# pyright: reportUnknownMemberType=false

from __future__ import annotations

import logging
from collections.abc import Generator
from contextlib import contextmanager

from lightkube import Client
from lightkube.resources.coordination_v1 import Lease

from protoactor_cluster.provider import Member
from protoactor_cluster.spi import (
    Contact,
    Evicted,
    Fault,
    Refused,
    Tenure,
    Unavailable,
    now,
)
from protoactor_provider_kubernetes import _lease
from protoactor_provider_kubernetes._connection import Connection
from protoactor_provider_kubernetes._fault import Conflict, Missing
from protoactor_provider_kubernetes._names import lease_name
from protoactor_provider_kubernetes._settings import Settings

__all__ = ["KubernetesClaim"]

_log = logging.getLogger("protoactor.provider.kubernetes")


class KubernetesClaim:
    """Blocking, for one thread; calls raise `Fault`s.

    Every write names the version it replaces, so that renewing a Lease and marking it
    as evicted exclude each other.
    """

    def __init__(
        self,
        settings: Settings,
        contact: Contact,
        cluster: str,
        member: Member,
        kept: set[str],
    ) -> None:
        self._connection = Connection(settings, contact)
        self._kept = kept
        self._member_id = member.id
        self._new = (cluster, member, settings.timing.ttl, settings.pod)
        _lease.new(*self._new)  # raises what is wrong with it now
        self._name = lease_name(cluster, member.id)
        self._tenure = Tenure(settings.timing.ttl, contact)
        self._held: Lease | None = None
        self._evicted = False

    def register(self) -> int:
        """Create the Lease, in place of any that is there."""
        self._kept.add(self._member_id)
        self._tenure.attempt(now())
        fresh = _lease.new(*self._new)
        try:
            return self._hold(self._write(fresh, create=True))
        except Missing as error:
            raise Refused("kubernetes", str(error)) from None  # no such namespace
        except Conflict:
            with _undisturbed():
                assert fresh.metadata is not None
                fresh.metadata.resourceVersion = self._read_version()
                return self._hold(self._write(fresh))

    def renew(self) -> int | None:
        """Renew the Lease; create it anew if nobody has noticed that it went."""
        self._tenure.attempt(now())
        assert self._held is not None
        try:
            self._hold(self._write(_lease.renewed(self._held)))
        except (Conflict, Missing):
            return self._look()
        return None

    def stall(self) -> None:
        """Not to renew is enough."""

    def withdraw(self) -> None:
        """Delete the Lease; what Kubernetes does not hear of ends by itself."""
        self._kept.discard(self._member_id)
        try:
            if self._held is not None and not self._evicted:
                self._connection.call(lambda client: client.delete(Lease, self._name))
        except Missing:
            pass
        except Fault as error:
            _log.warning("Lease %s stays until it ends: %s", self._name, error)
        finally:
            self._connection.close()

    def _look(self) -> int | None:
        """Somebody else wrote: to evict us, to add a label, or to delete it."""
        try:
            found = self._connection.call(lambda client: client.get(Lease, self._name))
        except Missing:
            return self._create_again()
        if _lease.is_evicted(found):
            self._evicted = True
            raise Evicted("others dropped it")
        with _undisturbed():
            self._hold(self._write(_lease.renewed(found)))
        return None

    def _create_again(self) -> int:
        if self._tenure.evicted(self._connection.call(self._store_revision)):
            raise Evicted("its Lease was deleted")
        with _undisturbed():
            revision = self._hold(self._write(_lease.new(*self._new), create=True))
        _log.warning("Lease %s is there again after an outage", self._name)
        return revision

    def _hold(self, lease: Lease) -> int:
        self._held = lease
        self._tenure.renewed(_lease.revision_of(lease))
        return _lease.revision_of(lease)

    def _write(self, lease: Lease, *, create: bool = False) -> Lease:
        return self._connection.call(
            lambda client: client.create(lease) if create else client.replace(lease)
        )

    def _read_version(self) -> str | None:
        found = self._connection.call(lambda client: client.get(Lease, self._name))
        return found.metadata.resourceVersion if found.metadata else None

    def _store_revision(self, client: Client) -> int:
        found = client.list(Lease, fields={"metadata.name": self._name})
        for _ in found:
            pass
        return int(found.resourceVersion)


@contextmanager
def _undisturbed() -> Generator[None, None, None]:
    """The Lease stays as it was seen, or this is tried again: raises `Unavailable`."""
    try:
        yield
    except (Conflict, Missing) as error:
        reason = f"the Lease changes while we look at it: {error}"
        raise Unavailable("kubernetes", reason) from None
