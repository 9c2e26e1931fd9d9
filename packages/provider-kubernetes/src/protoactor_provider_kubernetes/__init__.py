"""Cluster membership in Kubernetes: every member keeps a Lease.

    async with join("shop", provider=KubernetesProvider(), kinds=[Counter]):
        ...

From the outside in: `_provider` is the public class, `_store` says what Kubernetes is
to `protoactor_cluster.spi`, which does what all providers do; `_claim` keeps the own
Lease, `_source` follows the others and `_sightings` knows which of them are fresh;
`_lease` is a member as a Lease, `_client` and `_fault` alone know lightkube.
"""

from protoactor_provider_kubernetes._owner import Pod
from protoactor_provider_kubernetes._provider import KubernetesProvider
from protoactor_provider_kubernetes.errors import KubernetesRefused

__all__ = ["KubernetesProvider", "KubernetesRefused", "Pod"]
