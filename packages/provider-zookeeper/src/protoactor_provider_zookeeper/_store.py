"""ZooKeeper, as the rest of a provider sees it."""

from __future__ import annotations

from protoactor_cluster.errors import ClusterError
from protoactor_cluster.provider import Member
from protoactor_cluster.spi import Contact, Fault, Refused, Settings, Timing
from protoactor_provider_zookeeper._claim import ZooKeeperClaim
from protoactor_provider_zookeeper._connection import Connection
from protoactor_provider_zookeeper._folder import Folder
from protoactor_provider_zookeeper._source import ZooKeeperSource
from protoactor_provider_zookeeper.errors import ZooKeeperRefused

__all__ = ["ZooKeeperStore"]


class ZooKeeperStore:
    """Makes claims and sources; each has a session of its own."""

    name = "zookeeper"

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    @property
    def timing(self) -> Timing:
        return self.settings.timing

    def claim(self, cluster: str, member: Member, contact: Contact) -> ZooKeeperClaim:
        folder = Folder(self.settings.prefix, cluster)
        connection = Connection(self.settings, contact)
        return ZooKeeperClaim(connection, contact, self.timing.ttl, folder, member)

    def source(self, cluster: str, contact: Contact) -> ZooKeeperSource:
        folder = Folder(self.settings.prefix, cluster)
        return ZooKeeperSource(self.settings, contact, folder)

    def explain(self, trouble: Fault | None) -> ClusterError:
        if isinstance(trouble, Refused):
            return ZooKeeperRefused(trouble.endpoint, trouble.reason)
        return self.settings.unanswered(trouble)
