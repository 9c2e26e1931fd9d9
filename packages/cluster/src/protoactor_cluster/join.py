"""Enter a cluster: actor system, remoting and membership in one block."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager

from protoactor import ActorSystem
from protoactor_cluster._configuration import load_provider
from protoactor_cluster.cluster import Cluster
from protoactor_cluster.dialect import Dialect
from protoactor_cluster.failure_detection import FailureDetection
from protoactor_cluster.introspection import Introspection
from protoactor_cluster.kind import Hostable
from protoactor_cluster.lookup import IdentityLookup
from protoactor_cluster.provider import ClusterProvider
from protoactor_remote import TLS, Remote

__all__ = ["connect", "join"]


@asynccontextmanager
async def join(
    name: str,
    *,
    provider: ClusterProvider | str | None = None,
    kinds: Sequence[Hostable] = (),
    host: str = "127.0.0.1",
    port: int = 0,
    advertised: str | None = None,
    lookup: IdentityLookup | str | None = None,
    tls: TLS | None = None,
    messages: Sequence[type] = (),
    errors: Sequence[type[Exception]] = (),
    dialect: Dialect = Dialect.PYTHON,
    failure_detection: str | FailureDetection = "default",
    drain_timeout: float = 10.0,
    rejoin: bool = True,
    introspection: Introspection | bool = False,
) -> AsyncGenerator[Cluster, None]:
    """Be a member of the cluster `name` inside the block, hosting `kinds`.

    `provider`: an object or a URL; by default what `PROTOACTOR_CLUSTER_URL` names.
    After an eviction it joins again under a new member id, unless `rejoin` is off.
    With `introspection`, whoever reaches the port may look into this member, and have
    it leave; see `Introspection`.

    Raises `JoinTimeout`, `OSError` for a port in use, and what the provider raises.

    >>> async with join("shop", provider=provider, kinds=[Counter]) as cluster:
    ...     await cluster.wait_closed()
    """
    provider = load_provider(provider)  # imports, which no running loop waits for
    async with (
        ActorSystem() as system,
        Remote(
            system,
            host=host,
            port=port,
            advertised=advertised,
            tls=tls,
            messages=messages,
        ) as remote,
        Cluster(
            remote,
            name,
            provider=provider,
            kinds=kinds,
            lookup=lookup,
            errors=errors,
            dialect=dialect,
            failure_detection=failure_detection,
            drain_timeout=drain_timeout,
            rejoin=rejoin,
            introspection=introspection,
        ) as cluster,
    ):
        yield cluster


@asynccontextmanager
async def connect(
    name: str,
    *,
    provider: ClusterProvider | str | None = None,
    host: str = "127.0.0.1",
    port: int = 0,
    advertised: str | None = None,
    lookup: IdentityLookup | str | None = None,
    tls: TLS | None = None,
    messages: Sequence[type] = (),
    errors: Sequence[type[Exception]] = (),
    dialect: Dialect = Dialect.PYTHON,
) -> AsyncGenerator[Cluster, None]:
    """Be a client of the cluster `name`: call its grains, host nothing.

    Members answer over connections of their own, so a client listens too.
    """
    provider = load_provider(provider)  # imports, which no running loop waits for
    async with (
        ActorSystem() as system,
        Remote(
            system,
            host=host,
            port=port,
            advertised=advertised,
            tls=tls,
            messages=messages,
        ) as remote,
        Cluster(
            remote,
            name,
            provider=provider,
            lookup=lookup,
            errors=errors,
            dialect=dialect,
            client=True,
        ) as cluster,
    ):
        yield cluster
