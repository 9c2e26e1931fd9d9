"""The commands that look into a cluster: their arguments and what `--help` says."""

from __future__ import annotations

from typing import Annotated

import typer

from protoactor_cli import _doctor, _drain, _explain, _grains, _members, _topology
from protoactor_cli._commands import asking
from protoactor_cli._look import Look
from protoactor_cli._result import Result
from protoactor_cluster import ClusterIdentity

__all__ = ["add_questions"]

Identity = Annotated[
    ClusterIdentity,
    typer.Argument(metavar="KIND/NAME", parser=ClusterIdentity.parse),
]


async def members(look: Look) -> Result:
    """Show who is there, and how each one is."""
    return await _members.members(look)


async def grains(
    look: Look,
    kind: Annotated[str, typer.Argument(help="Only of this kind.")] = "",
    contains: Annotated[str, typer.Option(help="Only names with this part.")] = "",
    limit: Annotated[int, typer.Option(min=0, help="How many; 0: all.")] = 50,
) -> Result:
    """Show what is active: age, waiting messages, the last message."""
    return await _grains.grains(look, kind, contains, limit)


async def where(look: Look, identity: Identity) -> Result:
    """Print the address that hosts an identity; exit code 1 if it is nowhere."""
    return await _explain.where(look, identity)


async def explain(look: Look, identity: Identity) -> Result:
    """Say who owns an identity, who hosts it, since when and why."""
    return await _explain.explain(look, identity)


async def topology(look: Look) -> Result:
    """Show what each member sees, and how much of the ring it owns."""
    return await _topology.topology(look)


async def drain(
    look: Look,
    member: Annotated[
        str, typer.Argument(help="Its id, the beginning of it, or its address.")
    ],
    wait: Annotated[float, typer.Option(help="Seconds to wait for its leave.")] = 30.0,
) -> Result:
    """Ask a member to leave gracefully, and wait until it has left."""
    return await _drain.drain(look, member, wait)


async def doctor(look: Look) -> Result:
    """Find what is wrong with a cluster, and say what to do about it."""
    return await _doctor.doctor(look)


def add_questions(app: typer.Typer) -> None:
    for question in (members, grains, where, explain, topology, drain, doctor):
        app.command()(asking(question))
