"""Many activations, quickly: each host starts its share, without the network."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Sequence

from benchmarks._load import CallCounter
from protoactor import PID, Actor, Context, Props
from protoactor_cluster import Cluster, ClusterIdentity
from protoactor_cluster._wire import activation_request
from protoactor_cluster.placement import PLACEMENT
from protoactor_cluster.wire import cluster_pb2

__all__ = ["populate", "set_aside"]

AT_ONCE = 2000
"""Between looks at who else wants to run."""


class Recipient(Actor):
    """Takes the hosts' answers."""

    def __init__(self) -> None:
        self.started = 0

    async def receive(self, context: Context) -> None:
        message = context.message
        if isinstance(message, cluster_pb2.ActivationResponse):
            assert not message.failed, message.reason
            self.started += 1


async def populate(members: Sequence[Cluster], names: Sequence[str]) -> None:
    """Owners hear of it when the topology changes; `set_aside` comes after that."""
    gc.disable()  # or it looks through them all, again and again
    shares = [names[number :: len(members)] for number in range(len(members))]
    for member, share in zip(members, shares, strict=True):
        await _start(member, share)


def set_aside() -> None:
    """Let the garbage collector leave alone what lives now.

    Otherwise it holds the loop while it looks through millions of objects, and
    nothing else could be seen. Programs with as many do well to do the same.
    """
    gc.freeze()
    gc.enable()


async def _start(member: Cluster, names: Sequence[str]) -> None:
    recipient = Recipient()
    answers = member.system.spawn(Props(lambda: recipient))
    placement = PID(member.member_address, PLACEMENT)
    kind = CallCounter.__kind__
    for number, name in enumerate(names, start=1):
        request = activation_request(
            ClusterIdentity(kind, name), member.topology.id, member.member_id, None
        )
        member.system.send(placement, request, sender=answers)
        if number % AT_ONCE == 0:
            while recipient.started < number - AT_ONCE:  # noqa: ASYNC110
                await asyncio.sleep(0)
    while recipient.started < len(names):  # noqa: ASYNC110 (the hosts are at work)
        await asyncio.sleep(0)
    await member.system.stop(answers)
