"""Tasks that stand by for handlers that suspend."""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Awaitable
from typing import TYPE_CHECKING

from protoactor._primed_task import first_step, primed_task

if TYPE_CHECKING:
    from protoactor._pump import PumpDispatcher

__all__ = ["Spare"]


class Spare:
    """A task that waits for work to adopt, and the context it runs in."""

    def __init__(self, dispatcher: PumpDispatcher) -> None:
        self.context = contextvars.Context()
        self.wake: asyncio.Future[None] = dispatcher.loop.create_future()
        self._work: Awaitable[None] | None = None
        self.task = primed_task(dispatcher.loop, self._run(dispatcher), self.context)

    @property
    def clean(self) -> bool:
        """Whether a turn may begin in it."""
        used = len(self.context) or self.task.cancelling()
        return not used and not self.wake.done()

    def take_over(self, work: Awaitable[None]) -> None:
        """Let the task go on with this, as soon as the loop gets to it."""
        self._work = work
        self.retire()

    def retire(self) -> None:
        """Let the task go on; without work it ends."""
        if not self.wake.done():
            self.wake.set_result(None)

    async def _run(self, dispatcher: PumpDispatcher) -> None:
        await self._put_off_cancellation(first_step())
        while True:
            await self._put_off_cancellation(self.wake)
            if self._work is None:
                return
            work, self._work = self._work, None
            await work
            del work
            self.wake = dispatcher.loop.create_future()
            if not self.clean or not dispatcher.wants_spares:
                return
            dispatcher.spares.append(self)

    async def _put_off_cancellation(self, wait: Awaitable[None]) -> None:
        """Wait; a cancellation is meant for the handler, which is yet to be adopted."""
        try:
            await wait
        except asyncio.CancelledError:
            self.task.uncancel()
            self.task.cancel()
