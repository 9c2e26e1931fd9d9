"""`protoactor drain`: let a member leave, and see it off."""

from __future__ import annotations

import asyncio

from rich.text import Text

from protoactor_cli._look import OFF, Look
from protoactor_cli._result import Result, duration
from protoactor_cluster import ClusterError, TopologyChanged
from protoactor_remote import NotOffered

__all__ = ["drain"]


async def drain(look: Look, text: str, wait: float) -> Result:
    """Exit code 1 if the member is still there after `wait` seconds."""
    member, loop = look.find(text), asyncio.get_running_loop()
    started = loop.time()
    try:
        await look.inspector.leave(member.address)
    except NotOffered as error:
        raise ClusterError(f"{member} cannot be asked: {OFF}") from error
    gone, took = await _seen_off(look, member.id, wait), loop.time() - started
    line = (
        Text(f"{member} has left within {duration(took)}", "green")
        if gone
        else Text(f"{member} is still there after {duration(took)}", "red")
    )
    data = {"member": member.id, "address": member.address, "left": gone}
    return Result(data, [line], 0 if gone else 1)


async def _seen_off(look: Look, member_id: str, wait: float) -> bool:
    changes = look.cluster.system.events.stream(TopologyChanged)
    try:
        async with asyncio.timeout(wait), changes:
            while member_id in look.cluster.topology:
                await anext(changes)
    except TimeoutError:
        return False
    return True
