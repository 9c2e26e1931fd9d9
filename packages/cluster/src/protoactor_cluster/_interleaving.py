"""Lets reentrant methods and streams run while another method waits."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

__all__ = ["Interleaving"]


class Interleaving:
    """Tasks of one activation: ordinary ones one at a time, others at once."""

    def __init__(self) -> None:
        self._one_at_a_time = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def busy(self) -> bool:
        return bool(self._tasks)

    def start(self, work: Coroutine[Any, Any, None], *, reentrant: bool) -> None:
        """Run `work`, after all ordinary work that was started before unless reentrant."""
        task = asyncio.create_task(work if reentrant else self._in_turn(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def finish(self) -> None:
        """Wait for everything that was started."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def _in_turn(self, work: Coroutine[Any, Any, None]) -> None:
        async with self._one_at_a_time:
            await work
