"""A thread with an owner."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable

__all__ = ["Worker"]


class Worker:
    """Runs a function in a thread and lets a coroutine await its end."""

    def __init__(self, run: Callable[[], None], name: str) -> None:
        self._run = run
        self._loop = asyncio.get_running_loop()
        self._ended: asyncio.Future[None] = self._loop.create_future()
        # Daemon: a thread that waits for a service must not keep a dying process alive.
        self._thread = threading.Thread(target=self._main, name=name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    async def ended(self) -> None:
        """Wait until the function has returned and its thread is gone."""
        await asyncio.shield(self._ended)
        self._thread.join()

    def post(self, callback: Callable[[], None]) -> None:
        """From the thread: run `callback` in the event loop, if that still exists."""
        with contextlib.suppress(RuntimeError):  # the loop was closed under us
            self._loop.call_soon_threadsafe(callback)

    def _main(self) -> None:
        try:
            self._run()
        finally:
            self.post(self._finish)

    def _finish(self) -> None:
        if not self._ended.done():
            self._ended.set_result(None)
