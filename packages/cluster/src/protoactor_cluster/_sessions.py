"""One membership after the other: after an eviction a member joins again."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any, Self

from protoactor_cluster._agreement import member_of
from protoactor_cluster._session import Session
from protoactor_cluster.errors import MembershipLost
from protoactor_cluster.events import Rejoined
from protoactor_remote import Backoff

if TYPE_CHECKING:
    from protoactor_cluster.cluster import Cluster

__all__ = ["Sessions"]

logger = logging.getLogger("protoactor.cluster")
BACKOFF = Backoff(first=0.2, longest=10.0)


class Sessions:
    """Joins when entered, leaves at the end, and in between joins again if need be.

    All of it happens in one task, as providers may rely on that.
    """

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._running: asyncio.Task[None] | None = None
        self._ending = asyncio.Event()
        self._joining = False
        self._current: Session | None = None
        self.closed = asyncio.Event()
        self.lost: MembershipLost | None = None
        """Set when this process is no member any more, for good."""

    @property
    def current(self) -> Session:
        if self._current is None:
            self._current = Session(self._cluster, None)
        return self._current

    async def __aenter__(self) -> Self:
        started = asyncio.get_running_loop().create_future()
        self._running = asyncio.create_task(self._run(started), name="membership")
        try:
            await asyncio.wait(
                {self._running, started}, return_when=asyncio.FIRST_COMPLETED
            )
        except asyncio.CancelledError:
            await self._cut_short(self._running)
            raise
        if self._running.done():
            await self._running
        return self

    async def __aexit__(self, *_: object) -> None:
        running = self._running
        assert running is not None
        self.end()
        try:
            await asyncio.wait({running})
        except asyncio.CancelledError:
            await self._cut_short(running)
            raise
        finally:
            self.closed.set()
        if not running.cancelled():
            await running

    async def _cut_short(self, running: asyncio.Task[None]) -> None:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    def end(self) -> None:
        """Leave, whether or not the block goes on; safe to call more than once."""
        self._ending.set()
        if self._joining and self._running is not None:
            self._running.cancel()

    def _new(self) -> Session:
        cluster = self._cluster
        me = None if cluster.is_client else member_of(cluster)
        session = self._current = Session(cluster, me)
        return session

    async def _run(self, started: asyncio.Future[None]) -> None:
        session = self._new()
        await session.start()
        started.set_result(None)
        ending = asyncio.create_task(self._ending.wait())
        try:
            while not self._ending.is_set():
                either: set[asyncio.Future[Any]] = {ending, session.lost}
                await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
                if session.lost.done():
                    session = await self._replace(session)
        finally:
            ending.cancel()
        await session.leave()
        self.closed.set()

    async def _replace(self, former: Session) -> Session:
        await former.abandon()
        if not self._cluster.rejoin:
            self.lost = former.lost.result()
            self.closed.set()
            await self._ending.wait()
            return former
        self._joining = True
        try:
            return await self._join_again(former)
        finally:
            self._joining = False

    async def _join_again(self, former: Session) -> Session:
        attempt = 0
        while True:
            session = self._new()
            try:
                await session.start()
            except Exception as error:
                attempt += 1
                logger.warning("joining again failed: %r", error)
                await asyncio.sleep(BACKOFF.pause(attempt))
                continue
            assert former.me is not None and session.me is not None
            event = Rejoined(former.me.id, session.me.id)
            self._cluster.system.events.publish(event)
            return session
