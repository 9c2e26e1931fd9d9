"""Tells an actor that nothing has come for a while."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from protoactor.messages import NotInfluenceReceiveTimeout, ReceiveTimeout

if TYPE_CHECKING:
    from protoactor._cell import ActorCell

__all__ = ["ReceiveTimer"]


class ReceiveTimer:
    """Fires whenever the actor was idle for `seconds`.

    One timer per actor that is re-armed when it fires too early: noting that a
    message was handled costs a clock reading, not a new timer.
    """

    __slots__ = ("_cell", "_handle", "_idle_since", "_loop", "_seconds")

    def __init__(
        self, cell: ActorCell, seconds: float, loop: asyncio.AbstractEventLoop
    ) -> None:
        self._cell = cell
        self._seconds = seconds
        self._loop = loop
        self._idle_since = loop.time()
        self._handle = loop.call_later(seconds, self._fire)

    def handled(self, message: object) -> None:
        """Count from now, unless the message says it does not matter."""
        if not isinstance(message, NotInfluenceReceiveTimeout):
            self._idle_since = self._loop.time()

    def cancel(self) -> None:
        self._handle.cancel()

    def _fire(self) -> None:
        due = self._idle_since + self._seconds
        busy = self._cell.message
        if self._cell.suspended:
            due = self._loop.time() + self._seconds
        elif busy is not None and not isinstance(busy, NotInfluenceReceiveTimeout):
            due = max(due, self._loop.time() + self._seconds)
        elif due <= self._loop.time():
            self._idle_since = self._loop.time()
            due = self._idle_since + self._seconds
            self._cell.post_system(self._cell.pid, ReceiveTimeout())
        self._handle = self._loop.call_at(due, self._fire)
