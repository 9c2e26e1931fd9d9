"""Members, topologies and traces as tools get them."""

from __future__ import annotations

from opentelemetry.trace import SpanContext, format_span_id, format_trace_id

from protoactor_cluster.provider import Member
from protoactor_cluster.topology import Topology
from protoactor_cluster.wire import introspection_pb2 as wire

__all__ = ["member_to_wire", "topology_to_wire", "trace_to_wire"]


def member_to_wire(member: Member) -> wire.Member:
    return wire.Member(id=member.id, address=member.address, kinds=sorted(member.kinds))


def topology_to_wire(topology: Topology, age: float) -> wire.Topology:
    return wire.Topology(
        version=topology.version,
        hash=f"{topology.hash:016x}",
        age=age,
        members=map(member_to_wire, topology.members),
    )


def trace_to_wire(context: SpanContext | None) -> wire.Trace:
    if context is None or not context.is_valid:
        return wire.Trace()
    return wire.Trace(
        trace_id=format_trace_id(context.trace_id),
        span_id=format_span_id(context.span_id),
    )
