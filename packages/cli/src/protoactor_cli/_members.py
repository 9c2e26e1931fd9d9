"""`protoactor members`: who is there, and how each one is."""

from __future__ import annotations

from rich.text import Text

from protoactor_cli._look import Asked, Look
from protoactor_cli._plain import plain
from protoactor_cli._printing import new_table
from protoactor_cli._result import Result, duration
from protoactor_cluster.wire import introspection_pb2 as wire

__all__ = ["members", "state_of"]


async def members(look: Look) -> Result:
    asked = await look.ask_some(look.inspector.report, or_off=True)
    table = new_table(
        "member", "address", "state", "up", "activations", "topology", "kinds"
    )
    for it in asked:
        table.add_row(it.member.id, it.member.address, *_cells(it))
    return Result([_plain(it) for it in asked], [table])


def state_of(report: wire.Report) -> str:
    """In one word."""
    if report.quarantined:
        return "quarantined"
    if report.leaving:
        return "leaving"
    if not report.ready:
        return "joining"
    return "ready" if report.settled else "handing over"


def _cells(asked: Asked[wire.Report]) -> list[str | Text]:
    report, kinds = asked.answer, " ".join(sorted(asked.member.kinds))
    if report is None:
        return [Text(asked.problem, "yellow"), "", "", "", kinds]
    return [
        state_of(report),
        duration(report.uptime),
        str(sum(report.activations.values())),
        f"{report.topology.version}:{report.topology.hash}",
        kinds,
    ]


def _plain(asked: Asked[wire.Report]) -> dict[str, object]:
    member = asked.member
    return {
        "id": member.id,
        "address": member.address,
        "kinds": sorted(member.kinds),
        "state": state_of(asked.answer) if asked.answer else None,
        "report": plain(asked.answer) if asked.answer else None,
        "problem": asked.problem,
    }
