"""What a cluster is given by object or by name, checked at once."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import cast

from protoactor import plugins
from protoactor_cluster.dialect import Dialect
from protoactor_cluster.disthash import DistHashLookup
from protoactor_cluster.kind import Hostable, Kind
from protoactor_cluster.lookup import IdentityLookup
from protoactor_cluster.partition import PartitionLookup
from protoactor_cluster.provider import ClusterProvider

__all__ = ["kinds_by_name", "load_lookup", "load_provider"]

URL_VARIABLE = "PROTOACTOR_CLUSTER_URL"


def load_provider(provider: ClusterProvider | str | None) -> ClusterProvider:
    """The provider itself, or the one that the URL names. Raises `PluginError`.

    Without either, the environment says: `PROTOACTOR_CLUSTER_URL`.
    """
    provider = provider or os.environ.get(URL_VARIABLE)
    if not provider:
        raise ValueError(
            f"where are the members? Pass provider=..., or set {URL_VARIABLE}, "
            "such as etcd://127.0.0.1:2379"
        )
    if not isinstance(provider, str):
        return provider
    loaded = plugins.load(plugins.CLUSTER_PROVIDERS, provider)
    if not isinstance(loaded, ClusterProvider):
        raise TypeError(f"{provider!r} made a {type(loaded).__qualname__}, no provider")
    return loaded


def load_lookup(
    lookup: IdentityLookup | str | None, dialect: Dialect
) -> IdentityLookup:
    if isinstance(lookup, str):
        loaded = plugins.load(plugins.IDENTITY_LOOKUPS, lookup)
        lookup = cast(IdentityLookup, loaded)
    if lookup is None:
        go = dialect is Dialect.GO
        lookup = DistHashLookup() if go else PartitionLookup()
    if dialect is Dialect.GO and lookup.name != DistHashLookup.name:
        raise ValueError(
            f"lookup {lookup.name!r} does not work with protoactor-go members: "
            "use DistHashLookup()"
        )
    return lookup


def kinds_by_name(hostables: Sequence[Hostable]) -> dict[str, Kind]:
    kinds: dict[str, Kind] = {}
    for kind in map(Kind.read, hostables):
        if kinds.setdefault(kind.name, kind) is not kind:
            raise ValueError(f"kind {kind.name!r} is given twice")
    return kinds
