"""`protoactor grains`: what is active, and where."""

from __future__ import annotations

from collections.abc import AsyncGenerator

from rich.table import Table
from rich.text import Text

from protoactor_cli._look import Look
from protoactor_cli._plain import plain
from protoactor_cli._printing import new_table
from protoactor_cli._result import Result, duration
from protoactor_cluster import Member
from protoactor_cluster.wire import introspection_pb2 as wire

__all__ = ["activations_of", "grains"]

PAGE = 500


async def grains(look: Look, kind: str, contains: str, limit: int) -> Result:
    """At most `limit` of those that fit, 0 for all."""
    reports = await look.ask_some(look.inspector.report)
    hosts = [it.member for it in reports if it.answer is not None]
    found = [
        (member, activation)
        for member in hosts
        async for activation in activations_of(look, member, kind, contains, limit)
    ]
    shown = found[:limit] if limit else found
    total = sum(_count(it.answer, kind) for it in reports if it.answer)
    silent = {it.member.address: it.problem for it in reports if it.problem}
    data = {
        "total": total,
        "activations": [{"host": m.address, **plain(a)} for m, a in shown],
        "silent": silent,
    }
    text = f"{len(shown)} shown, {total} active"
    notes = [f"{address}: {problem}" for address, problem in silent.items()]
    lines = [Text(text, "dim"), *(Text(note, "yellow") for note in notes)]
    return Result(data, [_table(shown), *lines])


async def activations_of(
    look: Look, member: Member, kind: str, contains: str, limit: int
) -> AsyncGenerator[wire.Activation, None]:
    """Page after page, in the order of their start."""
    after, left = 0, limit
    while True:
        page = await look.inspector.activations(
            member.address,
            kind=kind,
            contains=contains,
            after=after,
            limit=min(left, PAGE) if limit else PAGE,
        )
        for activation in page.activations:
            yield activation
        left, after = left - len(page.activations), page.next
        if not after or (limit and left <= 0):
            return


def _count(report: wire.Report, kind: str) -> int:
    counts = report.activations
    return counts.get(kind, 0) if kind else sum(counts.values())


def _table(found: list[tuple[Member, wire.Activation]]) -> Table:
    table = new_table("grain", "host", "state", "age", "idle", "queued", "last message")
    for member, it in found:
        table.add_row(
            Text(f"{it.kind}/{it.name}"),
            member.address,
            it.state,
            duration(it.age),
            duration(it.idle),
            str(it.queued),
            Text(it.last_message),
        )
    return table
