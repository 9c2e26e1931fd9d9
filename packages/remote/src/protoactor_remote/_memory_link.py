"""What lies between two nodes of an in-memory network."""

from __future__ import annotations

import asyncio

__all__ = ["Link"]


class Link:
    """Speed and faults of one connection between two addresses."""

    def __init__(self, delay: float = 0.0) -> None:
        self.delay = delay
        """Seconds that a frame travels."""
        self.held = False
        """Nothing arrives, nothing is lost."""
        self.cut = False
        """Connections are refused."""
        self._waiting: set[asyncio.Future[None]] = set()

    async def passable(self) -> None:
        """Wait until a connection attempt would get an answer."""
        while self.held:
            await self.change()

    async def change(self) -> None:
        """Wait for anything to happen on this link."""
        waiter = asyncio.get_running_loop().create_future()
        self._waiting.add(waiter)
        try:
            await waiter
        finally:
            self._waiting.discard(waiter)

    def notify(self) -> None:
        for waiter in self._waiting:
            if not waiter.done():
                waiter.set_result(None)
        self._waiting.clear()
