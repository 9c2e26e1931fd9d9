"""`protoactor where` and `protoactor explain`."""

from __future__ import annotations

from collections.abc import Iterator

from rich.table import Table
from rich.text import Text

from protoactor_cli._look import Look
from protoactor_cli._result import Result, duration
from protoactor_cli._route import Route, find_route
from protoactor_cluster import ClusterIdentity, Member
from protoactor_cluster.wire import introspection_pb2 as wire

__all__ = ["explain", "where"]

NOWHERE = 1
"""Exit code where it is active nowhere."""


async def where(look: Look, identity: ClusterIdentity) -> Result:
    route = await find_route(look, identity)
    hosts = [member.address for member, _ in route.hosts]
    lines = [Text(address) for address in hosts] or [Text(_nowhere(route), "yellow")]
    data = {"identity": str(identity), "hosts": hosts, "owner": route.owner}
    return Result(data, lines, 0 if hosts else NOWHERE)


async def explain(look: Look, identity: ClusterIdentity) -> Result:
    route = await find_route(look, identity)
    table = Table.grid(padding=(0, 2))
    for what, text in _lines(route, {it.id: it for it in look.members}):
        table.add_row(Text(what, "dim"), Text(text))
    title = Text(str(identity), "bold")
    return Result(route.plain(), [title, table], 0 if route.hosts else NOWHERE)


def _lines(route: Route, members: dict[str, Member]) -> Iterator[tuple[str, str]]:
    yield "owner", _owner(route)
    if not route.hosts:
        yield "host", _nowhere(route)
    for member, it in route.hosts:
        yield "host", f"{member.address} ({member.id})"
        yield "since", f"{duration(it.age)} ago; {_state(it)}"
        yield "placed", _placed(route, it, members)
        yield "span", _span(it)
    if len(route.hosts) > 1:
        yield "twice!", "views differ, or a hand-over was cut short: see doctor"
    for address, problem in route.silent.items():
        yield "silent", f"{address}: {problem}"


def _owner(route: Route) -> str:
    own = route.owners_table
    if own is None:
        return f"{route.owner or 'unknown'}, which does not answer"
    version = f"topology {own.topology_version}:{own.topology_hash}"
    said = f"{own.address} ({own.member_id}), by {own.lookup} over {version}"
    if len(route.owners) > 1:
        counts = ", ".join(f"{n} say {owner}" for owner, n in route.owners.items())
        return f"{said}; members disagree: {counts}"
    if own.handing_over:
        return f"{said}; its hand-over is under way"
    known = "" if own.known_pid or own.lookup != "partition" else "; it knows of none"
    return f"{said}{known}"


def _nowhere(route: Route) -> str:
    owner = route.owner or "its owner"
    return f"active nowhere: the next call lets {owner} place it"


def _state(it: wire.Activation) -> str:
    last = f"last {it.last_message} {duration(it.idle)} ago"
    return f"{it.state}, {it.queued} messages wait, {last}"


def _placed(route: Route, it: wire.Activation, members: dict[str, Member]) -> str:
    under = f"under topology {it.topology_version}:{it.topology_hash}"
    asker = members.get(it.placed_by)
    by = f"{asker.address} ({asker.id})" if asker else it.placed_by or "a client"
    own = route.owners_table
    moved = ""
    if own is not None and own.topology_version != it.topology_version:
        moved = f"; it stayed when the topology became {own.topology_version}"
    return f"{under}, at the request of {by}{moved}"


def _span(it: wire.Activation) -> str:
    trace = it.started_in
    if not trace.trace_id:
        return "nobody recorded its start"
    return f"activation.start {trace.span_id} in trace {trace.trace_id}"
