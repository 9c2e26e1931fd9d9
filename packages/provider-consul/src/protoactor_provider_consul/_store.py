"""Consul, as the rest of a provider sees it."""

from __future__ import annotations

from protoactor_cluster.errors import ClusterError
from protoactor_cluster.provider import Member
from protoactor_cluster.spi import Contact, Fault, Refused, Settings, Timing
from protoactor_provider_consul._claim import ConsulClaim
from protoactor_provider_consul._connection import Connection
from protoactor_provider_consul._evictions import Evictions, mark_of
from protoactor_provider_consul._service import encode_service, service_name
from protoactor_provider_consul._source import ConsulSource
from protoactor_provider_consul.errors import ConsulRefused

__all__ = ["ConsulStore"]


class ConsulStore:
    """Makes claims and sources; each has a connection of its own."""

    name = "consul"

    def __init__(
        self, settings: Settings, token: str | None, deregister_critical: float
    ) -> None:
        self.settings = settings
        self._token = token
        self._deregister_critical = deregister_critical

    @property
    def timing(self) -> Timing:
        return self.settings.timing

    def claim(self, cluster: str, member: Member, contact: Contact) -> ConsulClaim:
        service = encode_service(
            cluster, member, self.timing, self._deregister_critical
        )
        mark = mark_of(self.settings.prefix, service_name(cluster), member.id)
        connection = self._connection(contact)
        return ConsulClaim(connection, contact, self.timing, service, mark)

    def source(self, cluster: str, contact: Contact) -> ConsulSource:
        name = service_name(cluster)
        evictions = Evictions(self.settings.prefix, name)
        return ConsulSource(self._connection(contact), self.timing, name, evictions)

    def explain(self, trouble: Fault | None) -> ClusterError:
        if isinstance(trouble, Refused):
            return ConsulRefused(trouble.endpoint, trouble.reason)
        return self.settings.unanswered(trouble)

    def _connection(self, contact: Contact) -> Connection:
        return Connection(self.settings, self._token, contact)
