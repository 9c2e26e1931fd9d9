"""`protoactor topology`: what each member sees, and what it owns of the ring."""

from __future__ import annotations

from rich.text import Text

from protoactor_cli._look import Look
from protoactor_cli._plain import plain
from protoactor_cli._printing import new_table
from protoactor_cli._result import Result, duration
from protoactor_cluster.hash_ring import HashRing

__all__ = ["topology"]


async def topology(look: Look) -> Result:
    """Exit code 1 if members see different ones."""
    asked = await look.ask_some(look.inspector.report)
    shares = HashRing(look.members).shares()
    views = {it.member: it.answer.topology for it in asked if it.answer}
    table = new_table("member", "address", "sees", "members", "for", "owns")
    for it in asked:
        view, share = views.get(it.member), f"{shares[it.member.id]:.1%}"
        cells = (
            (f"{view.version}:{view.hash}", str(len(view.members)), duration(view.age))
            if view
            else (Text(it.problem, "yellow"), "", "")
        )
        table.add_row(it.member.id, it.member.address, *cells, share)
    agree = len({(view.version, view.hash) for view in views.values()}) == 1
    verdict = (
        Text("all that answer agree", "green")
        if agree
        else Text("members see different topologies: see doctor", "red")
    )
    data = {
        "agree": agree,
        "views": {member.id: plain(view) for member, view in views.items()},
        "shares": shares,
        "silent": {it.member.address: it.problem for it in asked if it.problem},
    }
    return Result(data, [table, verdict], 0 if agree else 1)
