"""What all members of a cluster must have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protoactor_cluster.provider import Member

if TYPE_CHECKING:
    from protoactor_cluster.cluster import Cluster

__all__ = ["disagreement", "member_of"]


def member_of(cluster: Cluster) -> Member:
    """This process as a member, under its system's present id."""
    host, _, port = cluster.remote.address.rpartition(":")
    return Member(
        cluster.system.id, host, int(port), frozenset(cluster.kinds), _metadata(cluster)
    )


def disagreement(cluster: Cluster) -> str | None:
    """Why this process cannot work with the members it sees, if so."""
    mine = dict(_metadata(cluster))
    for member in cluster.topology.members:
        for key, theirs in member.metadata:
            if theirs != mine.get(key, theirs):
                return (
                    f"cluster {cluster.name!r}: {member} uses {key}={theirs!r}, this "
                    f"process {key}={mine[key]!r}: use the same everywhere"
                )
    return None


def _metadata(cluster: Cluster) -> tuple[tuple[str, str], ...]:
    return (("dialect", cluster.dialect.value), ("lookup", cluster.lookup.name))
