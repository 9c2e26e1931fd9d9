"""One member or client of an in-memory cluster, as if it were a process."""

from __future__ import annotations

import asyncio
from contextlib import AbstractAsyncContextManager
from typing import Any

from protoactor import PumpDispatcher
from protoactor_cluster import Cluster
from protoactor_cluster.keep_alive import KeepAlive
from protoactor_remote.transport import Listener, Stream, StreamClosed, Transport

__all__ = ["MemberProcess", "MortalDispatcher", "MortalTransport", "Vitals"]

LAST_WORDS = 3.0
"""Seconds for each step of clearing up after a kill."""


class MortalDispatcher(PumpDispatcher):
    """A pump that can be frozen, or stop for good as that of a killed process."""

    def __init__(self) -> None:
        super().__init__()
        self.frozen = False
        self.dead = False

    async def die(self) -> None:
        """Cancel what runs; nothing runs from now on."""
        self.dead = True
        self._ready.clear()
        await self.close()

    def thaw(self) -> None:
        """Go on with what has come meanwhile."""
        self.frozen = False
        if self._ready:
            self.loop.call_soon(self._drain)

    def _run_pass(self, now: float) -> None:
        if self.dead:
            self._ready.clear()
        elif not self.frozen:
            super()._run_pass(now)


class MortalTransport:
    """A transport that reaches nobody once its process is dead."""

    def __init__(self, inner: Transport) -> None:
        self._inner = inner
        self.dead = False

    async def listen(self, host: str, port: int) -> Listener:
        return await self._inner.listen(host, port)

    async def connect(self, address: str) -> Stream:
        self._check()
        return await self._inner.connect(address)

    async def call(
        self, address: str, method: str, request: bytes, timeout: float
    ) -> bytes:
        self._check()
        return await self._inner.call(address, method, request, timeout)

    def _check(self) -> None:
        if self.dead:
            raise StreamClosed("this process is dead")


class Vitals:
    """What keeps one process going, and what can take it away."""

    def __init__(self, transport: Transport, beat: float) -> None:
        loop = asyncio.get_running_loop()
        self.dispatcher = MortalDispatcher()
        self.transport = MortalTransport(transport)
        self.keep_alive = KeepAlive(beat * 8, clock=loop.time)
        self._beat = beat
        self._timer = loop.call_soon(self._stamp)

    def _stamp(self) -> None:
        if not self.dispatcher.frozen:
            self.keep_alive.stamp()
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(self._beat, self._stamp)

    def close(self) -> None:
        self._timer.cancel()


class MemberProcess:
    """Runs a cluster in a task of its own, until it leaves or is killed."""

    def __init__(
        self, vitals: Vitals, opened: AbstractAsyncContextManager[Cluster]
    ) -> None:
        loop = asyncio.get_running_loop()
        self.vitals = vitals
        self._cluster: asyncio.Future[Cluster] = loop.create_future()
        self._ending = asyncio.Event()
        self._task = asyncio.create_task(self._run(opened))

    async def started(self) -> Cluster:
        """The cluster, once it has joined; raises what kept it from that."""
        either: set[asyncio.Future[Any]] = {self._task, self._cluster}
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        if not self._cluster.done():
            await self._task
        return self._cluster.result()

    async def leave(self) -> None:
        """Leave as a program does that ends its `async with` block."""
        self._ending.set()
        await asyncio.shield(self._task)

    async def end(self) -> None:
        """Leave, or die if it stands still and cannot."""
        if self.vitals.dispatcher.frozen:
            await (await self.kill())
        else:
            await self.leave()

    async def kill(self) -> asyncio.Task[None]:
        """No code of it runs from now on; the task clears up behind it."""
        self.vitals.transport.dead = True
        await self.vitals.dispatcher.die()
        self._ending.set()
        return asyncio.create_task(self._bury())

    async def _run(self, opened: AbstractAsyncContextManager[Cluster]) -> None:
        try:
            async with opened as cluster:
                self._cluster.set_result(cluster)
                await self._ending.wait()
        finally:
            self.vitals.close()

    async def _bury(self) -> None:
        # its actors never stop, so whoever waits for that is made to give up
        while True:
            await asyncio.wait({self._task}, timeout=LAST_WORDS)
            if self._task.done():
                return
            self._task.cancel()
