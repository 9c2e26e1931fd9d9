"""One member or client of an in-memory cluster, as if it were a process."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

from protoactor import PumpDispatcher
from protoactor_cluster import Cluster

__all__ = ["HaltingDispatcher", "MemberProcess"]

LAST_WORDS = 3.0
"""Seconds for each step of clearing up after a kill."""


class HaltingDispatcher(PumpDispatcher):
    """A pump that can stop for good, as that of a killed process does."""

    def __init__(self) -> None:
        super().__init__()
        self._halted = False

    async def halt(self) -> None:
        """Cancel what runs; nothing runs from now on."""
        self._halted = True
        self._ready.clear()
        await self.close()

    def _run_pass(self) -> None:
        if self._halted:
            self._ready.clear()
        else:
            super()._run_pass()


Opener = Callable[[HaltingDispatcher], AbstractAsyncContextManager[Cluster]]


class MemberProcess:
    """Runs a cluster in a task of its own, until it leaves or is killed."""

    def __init__(self, open_cluster: Opener) -> None:
        self._dispatcher = HaltingDispatcher()
        self._opened: asyncio.Future[Cluster] = (
            asyncio.get_running_loop().create_future()
        )
        self._ending = asyncio.Event()
        self._task = asyncio.create_task(self._run(open_cluster))

    async def started(self) -> Cluster:
        """The cluster, once it has joined; raises what kept it from that."""
        await asyncio.wait(
            {self._task, self._opened}, return_when=asyncio.FIRST_COMPLETED
        )
        if not self._opened.done():
            await self._task
        return self._opened.result()

    async def leave(self) -> None:
        """Leave as a program does that ends its `async with` block."""
        self._ending.set()
        await asyncio.shield(self._task)

    async def kill(self) -> asyncio.Task[None]:
        """No code of it runs from now on; the task clears up behind it."""
        await self._dispatcher.halt()
        self._ending.set()
        return asyncio.create_task(self._bury())

    async def _run(self, open_cluster: Opener) -> None:
        async with open_cluster(self._dispatcher) as cluster:
            self._opened.set_result(cluster)
            await self._ending.wait()

    async def _bury(self) -> None:
        # its actors never stop, so whoever waits for that is made to give up
        while True:
            await asyncio.wait({self._task}, timeout=LAST_WORDS)
            if self._task.done():
                return
            self._task.cancel()
