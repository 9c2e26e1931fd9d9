"""Kubernetes, as the rest of a provider sees it."""

from __future__ import annotations

from protoactor_cluster.errors import ClusterError
from protoactor_cluster.provider import Member
from protoactor_cluster.spi import Contact, Fault, Refused, Timing
from protoactor_provider_kubernetes._claim import KubernetesClaim
from protoactor_provider_kubernetes._settings import Settings
from protoactor_provider_kubernetes._source import KubernetesSource
from protoactor_provider_kubernetes.errors import KubernetesRefused

__all__ = ["KubernetesStore"]


class KubernetesStore:
    """Makes claims and sources; each has a connection of its own."""

    name = "kubernetes"

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._kept: set[str] = set()

    @property
    def timing(self) -> Timing:
        return self.settings.timing

    def claim(self, cluster: str, member: Member, contact: Contact) -> KubernetesClaim:
        return KubernetesClaim(self.settings, contact, cluster, member, self._kept)

    def source(self, cluster: str, contact: Contact) -> KubernetesSource:
        return KubernetesSource(self.settings, contact, cluster, self._kept)

    def explain(self, trouble: Fault | None) -> ClusterError:
        if isinstance(trouble, Refused):
            return KubernetesRefused(self.settings.server, trouble.reason)
        return self.settings.unanswered(trouble)
