"""The activations of this member, page by page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from protoactor_cluster._activation import Activation
from protoactor_cluster.introspection._observed_actor import ObservedActor
from protoactor_cluster.introspection._to_wire import trace_to_wire
from protoactor_cluster.wire import introspection_pb2 as wire

if TYPE_CHECKING:
    from protoactor_cluster.cluster import Cluster

__all__ = ["activation_to_wire", "page_of"]

DEFAULT_PAGE = 100
LONGEST_PAGE = 1000


def page_of(cluster: Cluster, request: wire.ActivationsRequest) -> wire.Activations:
    """Those that fit, in the order of their start."""
    placement = cluster.session.placement
    if placement is None:
        return wire.Activations()
    limit = min(request.limit or DEFAULT_PAGE, LONGEST_PAGE)
    page = wire.Activations()
    for number, activation in _fitting(placement.activations, request):
        if len(page.activations) == limit:
            page.next = number - 1
            break
        page.activations.append(activation_to_wire(cluster, activation))
    return page


def _fitting(
    activations: Iterable[Activation], request: wire.ActivationsRequest
) -> Iterator[tuple[int, Activation]]:
    for activation in activations:
        number = activation.origin.number if activation.origin else 0
        if number <= request.after:
            continue
        kind, name = activation.identity
        if request.kind in ("", kind) and request.contains in name:
            yield number, activation


def activation_to_wire(cluster: Cluster, activation: Activation) -> wire.Activation:
    now = cluster.system.loop.time()
    told = wire.Activation(
        kind=activation.identity.kind,
        name=activation.identity.name,
        pid=str(activation.pid),
        state=activation.state.value,
        started_in=trace_to_wire(activation.lifespan.trace),
    )
    process = cluster.system.registry.local(activation.pid.id)
    told.queued = getattr(process, "queued", 0)
    actor = getattr(process, "actor", None)
    if isinstance(actor, ObservedActor):
        told.last_message = actor.last_message
        told.idle = now - actor.last_at
    if (origin := activation.origin) is not None:
        told.age = now - origin.since
        told.topology_version, hash = origin.asked_under
        told.topology_hash = f"{hash:016x}"
        told.placed_by = origin.placed_by
    return told
