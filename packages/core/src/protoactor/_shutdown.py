"""The end of a system: its actors, children first, then everything else."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from protoactor._cancellation import cancel_all
from protoactor._cell import ActorCell
from protoactor._ending import abandon

if TYPE_CHECKING:
    from protoactor._system import ActorSystem

__all__ = ["Shutdown"]

logger = logging.getLogger("protoactor.system")


class Shutdown:
    """What does not stop in time is cancelled, and given up a second later."""

    def __init__(self, system: ActorSystem) -> None:
        self._system = system
        self.done: asyncio.Future[None] = system.loop.create_future()

    async def run(self) -> None:
        """Bounded in time, whatever actors do; once, others wait for `done`."""
        try:
            await self._stop_actors()
        finally:
            try:
                await self._close()
            finally:
                self.done.set_result(None)

    async def _stop_actors(self) -> None:
        system, limit = self._system, self._system.shutdown_timeout
        system.scheduler.cancel_all()
        roots = [cell.self for cell in system.cells() if self._is_root(cell)]
        if not roots:
            return
        stops = [system.stop(root) for root in roots]
        _, left = await asyncio.wait(stops, timeout=limit)
        if left:
            logger.warning("%d actors did not stop within %g s", len(left), limit)

    def _is_root(self, cell: ActorCell) -> bool:
        return not isinstance(self._system.supervisor_of(cell), ActorCell)

    async def _close(self) -> None:
        system = self._system
        system.requests.close()
        try:
            await system.dispatcher.close()
            await cancel_all(system.background)
        finally:
            for cell in system.cells():
                abandon(cell)
            system.release()
