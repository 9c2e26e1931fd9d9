"""Which member shall host an identity."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from protoactor_cluster._refusal import Refusal
from protoactor_cluster.identity import ClusterIdentity
from protoactor_cluster.logs import about
from protoactor_cluster.provider import Member
from protoactor_cluster.strategies import MemberStrategy, RoundRobin
from protoactor_cluster.wire import cluster_pb2

if TYPE_CHECKING:
    from protoactor_cluster.cluster import Cluster

__all__ = ["HostChoice"]

logger = logging.getLogger("protoactor.cluster.owner")
NOT_REFUSED = cluster_pb2.NOT_REFUSED


class HostChoice:
    """Asks the strategy of each kind, and believes it only what is possible."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._strategies: dict[str, MemberStrategy] = {}

    def choose(self, identity: ClusterIdentity, requester_id: str) -> Member | Refusal:
        """A host, or why there is none."""
        members, kind = self._cluster.members, identity.kind
        hosts = members.hosts(kind)
        if not hosts:
            return self._no_host(kind)
        requester = members.topology.by_id.get(requester_id)
        try:
            strategy = self._strategy(kind)
            host = strategy.choose(hosts, requester.address if requester else "")
        except Exception as error:
            extra = about(identity)
            logger.warning(
                "the strategy of %r failed", kind, exc_info=error, extra=extra
            )
            text = f"the member strategy of {kind!r} raised {error!r}"
            return Refusal(cluster_pb2.START_FAILED, text)
        if host is None or host not in hosts:
            text = f"the member strategy of {kind!r} chose {host}, none of its hosts"
            return Refusal(NOT_REFUSED, text)
        return host

    def _no_host(self, kind: str) -> Refusal:
        if any(kind in it.kinds for it in self._cluster.members.topology.members):
            text = f"every member that hosts {kind!r} is leaving"
            return Refusal(NOT_REFUSED, text)
        return Refusal(cluster_pb2.UNKNOWN_KIND, f"no member hosts {kind!r}")

    def _strategy(self, kind: str) -> MemberStrategy:
        strategy = self._strategies.get(kind)
        if strategy is None:
            known = self._cluster.kinds.get(kind)
            strategy = known.strategy() if known else RoundRobin()
            self._strategies[kind] = strategy
        return strategy
