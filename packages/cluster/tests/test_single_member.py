"""A cluster of one, without a service and without anybody else."""

from __future__ import annotations

import pytest

from protoactor import ActorSystem
from protoactor_cluster import (
    Cluster,
    Grain,
    NotAMember,
    SingleMemberLookup,
    SingleMemberProvider,
)
from protoactor_remote import Remote
from protoactor_remote.memory import Network

pytestmark = pytest.mark.virtual_time


class Counter(Grain, idle_timeout=1.0):
    def __init__(self) -> None:
        self._total = 0

    async def add(self, amount: int) -> int:
        self._total += amount
        return self._total


async def test_grains_live_here(system: ActorSystem) -> None:
    async with (
        Remote(system, transport=Network().transport()) as remote,
        Cluster(
            remote,
            "alone",
            provider=SingleMemberProvider(),
            lookup=SingleMemberLookup(),
            kinds=[Counter],
        ) as cluster,
    ):
        assert cluster.ready
        for number in range(10):
            assert await cluster.grain(Counter, str(number)).add(1) == 1
            assert await cluster.grain(Counter, str(number)).add(1) == 2
        assert cluster.activations == 10


async def test_it_has_no_clients(system: ActorSystem) -> None:
    async with Remote(system, transport=Network().transport()) as remote:
        client = Cluster(
            remote,
            "alone",
            provider=SingleMemberProvider(),
            lookup=SingleMemberLookup(),
            client=True,
        )
        with pytest.raises(NotAMember, match="use another lookup"):
            async with client:
                pass
