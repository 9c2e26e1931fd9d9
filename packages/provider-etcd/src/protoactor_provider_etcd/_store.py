"""etcd, as the rest of a provider sees it."""

from __future__ import annotations

from protoactor_cluster.errors import ClusterError
from protoactor_cluster.provider import Member
from protoactor_cluster.spi import (
    Contact,
    Fault,
    Refused,
    Settings,
    Timing,
    encode_record,
)
from protoactor_provider_etcd._claim import EtcdClaim
from protoactor_provider_etcd._connection import Connection
from protoactor_provider_etcd._folder import Folder
from protoactor_provider_etcd._source import EtcdSource
from protoactor_provider_etcd.errors import EtcdRefused

__all__ = ["EtcdStore"]


class EtcdStore:
    """Makes claims and sources; each has a connection of its own."""

    name = "etcd"

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    @property
    def timing(self) -> Timing:
        return self.settings.timing

    def claim(self, cluster: str, member: Member, contact: Contact) -> EtcdClaim:
        folder = Folder(self.settings.prefix, cluster)
        keys = folder.key(member.id), folder.mark(member.id)
        connection = Connection(self.settings, contact)
        value = encode_record(member)
        return EtcdClaim(connection, contact, int(self.timing.ttl), keys, value)

    def source(self, cluster: str, contact: Contact) -> EtcdSource:
        folder = Folder(self.settings.prefix, cluster)
        return EtcdSource(Connection(self.settings, contact), folder)

    def explain(self, trouble: Fault | None) -> ClusterError:
        if isinstance(trouble, Refused):
            return EtcdRefused(trouble.endpoint, trouble.reason)
        return self.settings.unanswered(trouble)
