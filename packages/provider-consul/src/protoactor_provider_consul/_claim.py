"""A member's service in Consul."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from protoactor_cluster.spi import (
    Contact,
    Evicted,
    Fault,
    Tenure,
    Timing,
    Unavailable,
    now,
)
from protoactor_provider_consul._api import Api
from protoactor_provider_consul._connection import Connection

__all__ = ["ConsulClaim"]

_log = logging.getLogger("protoactor.provider.consul")


class ConsulClaim:
    """Blocking, for one thread; calls raise `Fault`s.

    Who registers again looks for the mark of an eviction after its service is listed,
    and who evicts looks for the service after the mark is set: one of them, at least,
    sees what the other one did.
    """

    def __init__(
        self,
        connection: Connection,
        contact: Contact,
        timing: Timing,
        service: Mapping[str, object],
        mark: str,
    ) -> None:
        self._connection = connection
        self._contact = contact
        self._timing = timing
        self._service = service
        self._id = str(service["ID"])
        self._name = str(service["Name"])
        self._mark = mark
        self._tenure = Tenure(timing.ttl, contact)
        self._renewed = self._in_touch = float("-inf")
        self._registered = False

    def register(self) -> int:
        """Register the service, and wait until Consul lists it."""
        sent = now()
        self._tenure.attempt(sent)
        revision = self._connection.call(lambda api: self._register(api, sent))
        self._in_touch = now()
        return revision

    def renew(self) -> int | None:
        """Refresh the check, or register again if nobody has noticed its end."""
        sent = now()
        self._tenure.attempt(sent)
        revision = self._connection.call(lambda api: self._renew(api, sent))
        self._in_touch = now()
        return revision

    def stall(self) -> None:
        """The check ends by itself."""

    def withdraw(self) -> None:
        """Deregister; what Consul does not hear of ends with the check."""
        try:
            if self._registered:
                self._connection.call(lambda api: api.deregister(self._id))
        except Fault as error:
            _log.warning("%s stays in Consul until its check ends: %s", self._id, error)
        finally:
            self._connection.close()

    def _register(self, api: Api, sent: float) -> int:
        api.delete(self._mark)
        return self._enter(api, sent)

    def _renew(self, api: Api, sent: float) -> int | None:
        in_time = sent - self._renewed < self._timing.ttl
        if in_time and not self._contact.was_lost_since(self._in_touch):
            if not api.refresh(self._id):
                raise Evicted("it was deregistered")
            self._held(sent)
            return None
        return self._register_again(api, sent)

    def _register_again(self, api: Api, sent: float) -> int:
        if self._tenure.evicted(0):
            raise Evicted("its check ended while Consul could be reached")
        self._look_for_mark(api)
        revision = self._enter(api, sent)
        self._look_for_mark(api)
        _log.warning("%s is registered again after an outage of Consul", self._id)
        return revision

    def _look_for_mark(self, api: Api) -> None:
        if api.exists(self._mark):
            raise Evicted("others dropped it while Consul was out of reach")

    def _enter(self, api: Api, sent: float) -> int:
        self._registered = True
        api.register(self._service)
        api.refresh(self._id)  # a check that was there keeps the status it had
        index = self._wait_until_listed(api)
        self._held(sent)
        return index

    def _wait_until_listed(self, api: Api) -> int:
        """The agent tells the servers in its own time."""
        deadline = now() + self._timing.interval
        health = api.health(self._name)
        while not health.has(self._id):
            if (left := deadline - now()) <= 0:
                raise Unavailable(
                    "Consul", "the agent took it, the servers do not list it"
                )
            health = api.health(self._name, index=max(health.index, 1), wait=left)
        return health.index

    def _held(self, sent: float) -> None:
        self._renewed = sent
        self._tenure.renewed(0)
