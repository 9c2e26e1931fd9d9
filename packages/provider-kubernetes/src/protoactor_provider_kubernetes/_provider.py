"""Cluster membership kept in Kubernetes."""

from __future__ import annotations

from pathlib import Path

from protoactor_cluster.spi import StoreProvider, Timing
from protoactor_provider_kubernetes._owner import Pod
from protoactor_provider_kubernetes._settings import Settings, load_config
from protoactor_provider_kubernetes._store import KubernetesStore
from protoactor_provider_kubernetes._url import parse_kubernetes_url

__all__ = ["KubernetesProvider"]


class KubernetesProvider(StoreProvider):
    """Every member keeps a Lease in a namespace, and watches those of the others.

    One provider keeps one member per cluster, and any number of watchers.

    `join` and `watch` raise `KubernetesRefused` if the API server does not accept us.

    Args:
        namespace: Where the Leases lie; that of the pod or of the context by default.
        lease_ttl: Seconds until a member that died is gone.
        stall_limit: Seconds the event loop may hang before its membership is given up.
        kubeconfig: A file that says where the API server is, and how to log in; by
            default the pod's service account, `$KUBECONFIG`, or `~/.kube/config`.
        context: The context of that file to use, instead of its current one.
        pod: Whose end takes the Lease along; by default what the environment says in
            `POD_NAME` and `POD_UID`.
        timeout: Seconds for one call; never more than a third of the Lease's.
        join_timeout: Seconds until joining (or a client's first view) fails.

    Raises:
        ValueError: An argument makes no sense, or nothing says where Kubernetes is.
    """

    def __init__(
        self,
        namespace: str | None = None,
        *,
        lease_ttl: float = 5.0,
        stall_limit: float = 10.0,
        kubeconfig: str | Path | None = None,
        context: str | None = None,
        pod: Pod | None = None,
        timeout: float = 5.0,
        join_timeout: float = 10.0,
    ) -> None:
        config = load_config(kubeconfig, context)
        self._settings = Settings(
            config=config,
            namespace=namespace or config.namespace or "default",
            timing=Timing(lease_ttl, stall_limit, join_timeout),
            timeout=timeout,
            pod=pod or Pod.of_environment(),
        )
        super().__init__(KubernetesStore(self._settings))

    @classmethod
    def from_url(cls, url: str) -> KubernetesProvider:
        """Build one from `kubernetes://[namespace]?lease_ttl=5&kubeconfig=<file>&...`.

        The times of the class, `kubeconfig` and `context` may stand in the query.
        """
        return cls(**parse_kubernetes_url(url))
