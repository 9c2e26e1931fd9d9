"""What the page asks for: grains by part of a name, routes, traces."""

from __future__ import annotations

from typing import Any

from protoactor_cli._look import Look
from protoactor_cli._plain import plain
from protoactor_cli._route import find_route
from protoactor_cluster import ClusterIdentity
from protoactor_cluster.hash_ring import RING, ring_position
from protoactor_cluster.wire import introspection_pb2 as wire

__all__ = ["page_of_grains", "route_of", "trace_of"]

PAGE = 50


async def page_of_grains(
    look: Look, kind: str, contains: str, after: dict[str, int]
) -> dict[str, Any]:
    """The next `PAGE` of every member; `after` says by address where to go on.

    A member that is not in `after` has no more, unless it is empty.
    """

    async def ask(address: str) -> wire.Activations:
        if after and address not in after:
            return wire.Activations()
        return await look.inspector.activations(
            address,
            kind=kind,
            contains=contains,
            after=after.get(address, 0),
            limit=PAGE,
        )

    asked = [it for it in await look.ask(ask) if it.answer is not None]
    pages = [(it.member, it.answer) for it in asked if it.answer is not None]
    return {
        "grains": [
            {**plain(each), "address": member.address, "member": member.id}
            for member, page in pages
            for each in page.activations
        ],
        "after": {member.address: page.next for member, page in pages if page.next},
    }


async def route_of(look: Look, identity: ClusterIdentity) -> dict[str, Any]:
    """With its place on the ring, from 0 to 1."""
    route = await find_route(look, identity)
    return {**route.plain(), "position": ring_position(identity.name) / RING}


async def trace_of(look: Look, trace_id: str) -> list[dict[str, Any]]:
    """The spans of all members, oldest first; `start` counts from the first one."""
    asked = await look.ask(lambda it: look.inspector.spans(it, trace_id))
    spans = [span for it in asked if it.answer is not None for span in it.answer.spans]
    spans.sort(key=lambda span: span.age, reverse=True)
    first = spans[0].age if spans else 0.0
    return [{**plain(span), "start": first - span.age} for span in spans]
