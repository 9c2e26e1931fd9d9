"""A member about itself."""

from __future__ import annotations

import os
import platform
import socket
from importlib.metadata import distributions
from typing import TYPE_CHECKING

from protoactor_cluster.introspection._to_wire import topology_to_wire
from protoactor_cluster.wire import introspection_pb2 as wire

if TYPE_CHECKING:
    from protoactor_cluster.cluster import Cluster
    from protoactor_cluster.introspection._observer import Observer

__all__ = ["report", "versions"]

TOLD = ("grpcio", "protobuf", "opentelemetry-api")


def versions() -> dict[str, str]:
    """Of Python, of our distributions and of what they speak through. Reads files."""
    found = {"python": platform.python_version()}
    for distribution in distributions():
        name = distribution.name
        if name.startswith("protoactor-") or name in TOLD:
            found[name] = distribution.version
    return found


def report(cluster: Cluster, observer: Observer) -> wire.Report:
    now = cluster.system.loop.time()
    me = cluster.session.me
    return wire.Report(
        member=wire.Member(
            id=cluster.member_id,
            address=cluster.member_address,
            kinds=sorted(me.kinds) if me else (),
        ),
        cluster=cluster.name,
        lookup=cluster.lookup.name,
        dialect=cluster.dialect.value,
        topology=topology_to_wire(
            cluster.topology, now - observer.history.topology_since
        ),
        uptime=now - observer.started,
        activations=cluster.activations_by_kind(),
        ready=cluster.ready,
        leaving=cluster.leaving,
        settled=cluster.settled,
        quarantined=cluster.quarantine.holds,
        suspected=sorted(cluster.members.suspected),
        versions=observer.versions,
        process_id=os.getpid(),
        host_name=socket.gethostname(),
        processes=len(cluster.system.registry),
        dead_letters=cluster.system.dead_letters.counts,
        cached_pids=len(cluster.pid_cache),
        slow_call=observer.options.slow_call,
    )
