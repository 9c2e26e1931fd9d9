"""An event loop in a thread of its own, which a blocked main loop does not hinder."""

from __future__ import annotations

import asyncio
import concurrent.futures
import selectors
import threading
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, TypeVar, TypeVarTuple

__all__ = ["LoopThread"]

ResultT = TypeVar("ResultT")
Ts = TypeVarTuple("Ts")

LEAVING_TIMEOUT = 5.0
"""Seconds in which a held resource must have been left."""
CLOSING_TIMEOUT = 1.0
"""Seconds in which sockets must have been closed."""


class LoopThread:
    """Runs coroutines beside the loop that starts it.

    `stop` cancels what still runs, waits for it, and ends the thread. Nothing of
    it outlives the process: the thread is a daemon.
    """

    def __init__(self, name: str) -> None:
        self._owner = asyncio.get_running_loop()
        self._selector = selectors.DefaultSelector()
        self._loop = asyncio.SelectorEventLoop(self._selector)
        self._stopping = asyncio.Event()
        self._held: Held = {}
        self._ended: concurrent.futures.Future[None] = concurrent.futures.Future()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    async def stop(self) -> None:
        """End the thread; if this is cancelled, it ends all the same."""
        self._loop.call_soon_threadsafe(self._stopping.set)
        await asyncio.shield(asyncio.wrap_future(self._ended))
        self._thread.join()

    def run(self, coroutine: Coroutine[Any, Any, ResultT]) -> asyncio.Future[ResultT]:
        """Run a coroutine there; the future is the owner's. Cancelling cancels it."""
        running = asyncio.run_coroutine_threadsafe(coroutine, self._loop)
        return asyncio.wrap_future(running)

    def tell_owner(self, callback: Callable[[*Ts], object], *args: *Ts) -> None:
        """Called in the thread: run a callback on the owner's loop, if there is one."""
        try:
            self._owner.call_soon_threadsafe(callback, *args)
        except RuntimeError:  # it was closed without stopping us
            self._stopping.set()

    @asynccontextmanager
    async def hold(
        self, resource: AbstractAsyncContextManager[object]
    ) -> AsyncGenerator[None, None]:
        """Enter `resource` there, and leave it there at the end of the block."""
        holding = _Holding(resource)
        held = self.run(holding.hold(self._held))
        try:
            either = {held, asyncio.wrap_future(holding.entered)}
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
            if not held.done():
                yield
        finally:
            self._loop.call_soon_threadsafe(holding.leaving.set)
            await asyncio.shield(held)

    def _run(self) -> None:
        try:
            self._loop.run_until_complete(self._stopping.wait())
            self._loop.run_until_complete(self._leave_and_cancel())
        finally:
            self._loop.close()
            self._ended.set_result(None)

    async def _leave_and_cancel(self) -> None:
        """Leave in peace what is held, then cancel what still runs."""
        for holding in self._held.values():
            holding.leaving.set()
        if self._held:
            await asyncio.wait(list(self._held), timeout=LEAVING_TIMEOUT)
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        await self._close_transports()

    async def _close_transports(self) -> None:
        """They close some turns after those who used them, with TLS even later."""
        deadline = self._loop.time() + CLOSING_TIMEOUT
        own = 1  # the pipe by which other threads wake the loop
        while (  # noqa: ASYNC110 (they announce it to nobody)
            len(self._selector.get_map()) > own and self._loop.time() < deadline
        ):
            await asyncio.sleep(0.005)
        for _ in range(3):
            await asyncio.sleep(0)


class _Holding:
    """A resource on its way in and out."""

    def __init__(self, resource: AbstractAsyncContextManager[object]) -> None:
        self.entered: concurrent.futures.Future[None] = concurrent.futures.Future()
        self.leaving = asyncio.Event()
        self._resource = resource

    async def hold(self, held: Held) -> None:
        task = asyncio.current_task()
        assert task is not None
        held[task] = self
        try:
            async with self._resource:
                self.entered.set_result(None)
                await self.leaving.wait()
        finally:
            del held[task]


Held = dict["asyncio.Task[None]", _Holding]
