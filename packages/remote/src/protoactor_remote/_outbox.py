"""Messages that wait for their turn on a connection."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from protoactor import PID, Envelope
from protoactor.spi import WITHDRAWN
from protoactor_remote._batch_encoder import Item

__all__ = ["Outbox", "is_withdrawn"]

FIRST_TIDYING = 1024


class Outbox:
    """A bounded queue that its writer empties a list at a time."""

    def __init__(self, limit: int, overflow: Callable[[PID, object], None]) -> None:
        self._limit = limit
        self._overflow = overflow
        self._items: list[Item] = []
        self._attention = min(limit, FIRST_TIDYING)
        self._taken: list[Item] = []
        self._position = 0
        self._written = 0
        self._arrival: asyncio.Future[None] | None = None
        self._drains: list[tuple[int, asyncio.Future[bool]]] = []
        self._closed = False

    def __len__(self) -> int:
        return len(self._items) + len(self._taken) - self._position

    def wanted(self) -> bool:
        """Whether anything waits that nobody has taken back."""
        waiting = self._taken[self._position :] + self._items
        return not all(is_withdrawn(item) for _, item in waiting)

    def put(self, target: PID, item: object) -> None:
        """Queue an item, or hand it to `overflow`."""
        items = self._items
        if len(items) >= self._attention and not self._make_room():
            self._overflow(target, item)
            return
        self._items.append((target, item))
        if self._arrival is not None:
            self.wake()

    def wake(self) -> None:
        """End the writer's wait."""
        arrival, self._arrival = self._arrival, None
        if arrival is not None and not arrival.done():
            arrival.set_result(None)

    # -- the writer's side ---------------------------------------------------

    async def arrival(self) -> None:
        """Wait until there is something to write, or `wake`."""
        if not self._items:
            self._arrival = asyncio.get_running_loop().create_future()
            await self._arrival

    def take(self) -> list[Item]:
        """Everything that waits; report progress with `advance`."""
        self._taken, self._items = self._items, []
        self._position = 0
        self._attention = min(self._limit, FIRST_TIDYING)
        return self._taken

    def advance(self, position: int) -> None:
        """The items before `position` of what was taken are written."""
        self._written += position - self._position
        self._position = position
        if position == len(self._taken):
            self._taken, self._position = [], 0
        if self._drains:
            self._report(self._written, True)

    # -- those who wait for the writer ---------------------------------------

    async def drained(self) -> bool:
        """Wait until what is queued now is written; false if it never will be."""
        if not len(self) or self._closed:
            return not self._closed
        future: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._drains.append((self._written + len(self), future))
        return await future

    def close(self) -> list[Item]:
        """Take nothing more; what was never written."""
        left = self._taken[self._position :] + self._items
        self._closed = True
        self._items, self._taken, self._position = [], [], 0
        self._attention = self._limit = 0
        self._report(float("inf"), False)
        self.wake()
        return left

    def _report(self, written: float, success: bool) -> None:
        waiting = self._drains
        self._drains = [drain for drain in waiting if drain[0] > written]
        for target, future in waiting:
            if target <= written and not future.done():
                future.set_result(success)

    def _make_room(self) -> bool:
        """Forget what callers have withdrawn; says whether there is room now."""
        self._items = [
            item
            for item in self._items
            if not isinstance(item[1], Envelope) or item[1].state != WITHDRAWN
        ]
        room = self._limit - (len(self._taken) - self._position)
        self._attention = min(room, max(FIRST_TIDYING, 2 * len(self._items)))
        return len(self._items) < room


def is_withdrawn(item: object) -> bool:
    """Whether the caller has taken it back, or the encoder has refused it."""
    return item is None or (isinstance(item, Envelope) and item.state == WITHDRAWN)
