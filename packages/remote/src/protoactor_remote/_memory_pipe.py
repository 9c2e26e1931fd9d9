"""One direction of an in-memory stream."""

from __future__ import annotations

import asyncio
from collections import deque

from protoactor_remote._memory_link import Link
from protoactor_remote.transport import StreamClosed

__all__ = ["Pipe"]

CAPACITY = 64
"""Frames on their way before a writer waits, as flow control would make it."""


class Pipe:
    """Frames in order, each readable when its delay has passed."""

    def __init__(self, link: Link) -> None:
        self._loop = asyncio.get_running_loop()
        self._link = link
        self._frames: deque[tuple[float, bytes]] = deque()
        self._error: StreamClosed | None = None
        self._ended = False

    async def write(self, frame: bytes) -> None:
        while self._error is None and len(self._frames) >= CAPACITY:
            await self._link.change()
        if self._error is not None:
            raise self._error
        if self._ended:
            raise StreamClosed("the stream was ended")
        self._frames.append((self._loop.time() + self._link.delay, frame))
        self._link.notify()

    async def read(self) -> bytes | None:
        while not self._readable():
            if self._frames and not self._link.held:
                self._loop.call_at(self._frames[0][0], self._link.notify)
            await self._link.change()
        if self._frames:
            self._link.notify()
            return self._frames.popleft()[1]
        if self._error is not None:
            raise self._error
        return None

    def end(self) -> None:
        """No more frames follow."""
        self._ended = True
        self._link.notify()

    def fail(self, error: StreamClosed) -> None:
        """Raise `error` at the reader, after the frames that are on their way."""
        self._error = self._error or error
        self._link.notify()

    def reset(self, error: StreamClosed) -> None:
        """Raise `error` at once; what is on its way is lost."""
        self._frames.clear()
        self.fail(error)

    def _readable(self) -> bool:
        if self._frames:
            return not self._link.held and self._frames[0][0] <= self._loop.time()
        return self._error is not None or (self._ended and not self._link.held)
