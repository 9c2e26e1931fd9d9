"""Cluster membership in Consul, registered as protoactor-go does it.

    async with join("shop", provider=ConsulProvider("127.0.0.1:8500"), kinds=[Counter]):
        ...

From the outside in: `_provider` is the public class, `_store` says what Consul is to
`protoactor_cluster.spi`, which does what all providers do; `_claim` is the own member,
`_source` follows the others, `_evictions` keeps out who was dropped; `_service` is a
member as Consul knows it, `_api` what Consul's HTTP API offers, `_agent` speaks HTTP.
"""

from protoactor_provider_consul._provider import ConsulProvider
from protoactor_provider_consul._tls import ConsulTLS
from protoactor_provider_consul.errors import ConsulRefused

__all__ = ["ConsulProvider", "ConsulRefused", "ConsulTLS"]
