"""What contract tests do again and again: join, look on, count resources."""

from __future__ import annotations

import asyncio
import gc
import os
import threading
from collections.abc import AsyncGenerator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from protoactor_cluster.provider import ClusterProvider, Member
from protoactor_testkit.contracts.harness import ProviderHarness, RunningMember
from protoactor_testkit.contracts.view_log import ViewLog

__all__ = ["Joined", "Resources", "eventually", "joined", "looking_on", "running"]


@dataclass(frozen=True, slots=True)
class Joined:
    """A member inside `join`, and what its own watch saw."""

    provider: ClusterProvider
    member: Member
    views: ViewLog


@asynccontextmanager
async def joined(
    harness: ProviderHarness,
    cluster: str,
    member: Member | None = None,
    *,
    provider: ClusterProvider | None = None,
) -> AsyncGenerator[Joined, None]:
    """Join (a fresh member by a fresh provider, unless given) and follow the views."""
    provider = provider or harness.provider()
    member = member or harness.member()
    async with AsyncExitStack() as stack:
        async with asyncio.timeout(harness.patience):
            await stack.enter_async_context(provider.join(cluster, member))
        views = ViewLog(provider, cluster, me=member, patience=harness.patience)
        await stack.enter_async_context(views)
        yield Joined(provider, member, views)


@asynccontextmanager
async def running(
    harness: ProviderHarness, cluster: str, member: Member
) -> AsyncGenerator[RunningMember, None]:
    """A member apart from this process; killed at the end if it is still there."""
    process = await harness.start_member(cluster, member)
    try:
        yield process
    finally:
        await process.kill()


def looking_on(
    harness: ProviderHarness,
    cluster: str,
    *,
    provider: ClusterProvider | None = None,
    after: float = 0.0,
) -> ViewLog:
    """What a client sees, or one more watch of `provider`."""
    provider = provider or harness.client()
    return ViewLog(provider, cluster, patience=harness.patience, after=after)


class Resources:
    """The tasks, threads and file descriptors of one moment."""

    def __init__(self) -> None:
        gc.collect()
        self._tasks = asyncio.all_tasks()
        self._threads = _threads()
        self._descriptors = len(os.listdir("/dev/fd"))

    def leaked(self) -> list[str]:
        """What has come since then and is still there."""
        gc.collect()
        tasks = [repr(task) for task in asyncio.all_tasks() - self._tasks]
        threads = [repr(thread) for thread in _threads() - self._threads]
        more = len(os.listdir("/dev/fd")) - self._descriptors
        return [*tasks, *threads, *([f"{more} descriptors"] if more > 0 else [])]


def _threads() -> set[threading.Thread]:
    """All threads but those of the loop's executor, which grows to its size."""
    threads = threading.enumerate()
    return {thread for thread in threads if not thread.name.startswith("asyncio_")}


async def eventually(
    reached: Callable[[], bool], what: Callable[[], str], within: float
) -> None:
    """Wait for something that announces itself to nobody."""
    try:
        async with asyncio.timeout(within):
            while not reached():  # noqa: ASYNC110 (nothing announces it)
                await asyncio.sleep(0.02)
    except TimeoutError:
        raise AssertionError(f"{what()} after {within:g} s") from None
