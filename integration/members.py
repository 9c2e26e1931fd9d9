"""Members in this process that join a real service."""

from __future__ import annotations

import asyncio
import gc
import os
import secrets
import threading
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from protoactor_cluster.provider import ClusterProvider, Member, lease_ttl
from protoactor_testkit.contracts import ViewLog

__all__ = ["SLACK", "Joined", "held", "joined", "looking_on", "new_member"]

SLACK = 3.0
JOINS_WITHIN = 20.0
ports = iter(range(9000, 20000))


def new_member() -> Member:
    return Member(secrets.token_hex(8), "127.0.0.1", next(ports), frozenset({"Ping"}))


@dataclass(frozen=True)
class Joined:
    """A member inside `join`, and what its own watch saw."""

    member: Member
    provider: ClusterProvider
    views: ViewLog


@asynccontextmanager
async def joined(
    provider: ClusterProvider, cluster: str = "shop", member: Member | None = None
) -> AsyncGenerator[Joined, None]:
    member = member or new_member()
    patience = lease_ttl(provider) + SLACK
    async with asyncio.timeout(JOINS_WITHIN) as limit:
        async with provider.join(cluster, member):
            limit.reschedule(None)
            async with ViewLog(
                provider, cluster, me=member, patience=patience
            ) as views:
                yield Joined(member, provider, views)
            limit.reschedule(asyncio.get_running_loop().time() + JOINS_WITHIN)


def looking_on(provider: ClusterProvider, cluster: str = "shop") -> ViewLog:
    return ViewLog(provider, cluster, patience=lease_ttl(provider) + SLACK)


def held() -> tuple[int, int, int]:
    """How many tasks, threads and descriptors there are: others may take their place."""
    gc.collect()
    descriptors = len(os.listdir("/dev/fd"))
    return len(asyncio.all_tasks()), threading.active_count(), descriptors
