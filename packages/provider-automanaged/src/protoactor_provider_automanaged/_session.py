"""The view of one cluster, as long as somebody joined it or watches it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager

from protoactor_cluster.provider import Member
from protoactor_provider_automanaged._client import HealthClient
from protoactor_provider_automanaged._endpoint import answering
from protoactor_provider_automanaged._health import Health
from protoactor_provider_automanaged._host import Host
from protoactor_provider_automanaged._latest_view import LatestView
from protoactor_provider_automanaged._loop_thread import LoopThread
from protoactor_provider_automanaged._poller import Poller
from protoactor_provider_automanaged._settings import Settings
from protoactor_provider_automanaged._tls import TLSContexts

__all__ = ["Session"]

logger = logging.getLogger("protoactor.cluster.automanaged")


class Session:
    """Owns the thread in which all sockets of one cluster live.

    What the polls find is joined with what this process knows better: itself.
    """

    def __init__(
        self,
        cluster: str,
        settings: Settings,
        tls: TLSContexts | None,
        revisions: Iterator[int],
    ) -> None:
        self.users = 0
        self.views = LatestView(revisions)
        self.thread = LoopThread(f"automanaged {cluster}")
        self._cluster = cluster
        self._settings = settings
        self._tls = tls
        self._polling: asyncio.Future[None] | None = None
        self._polled: tuple[Member, ...] | None = None
        self._me: Member | None = None
        self._former_id: str | None = None
        self._rounds_as_member = 0

    def poll(self) -> None:
        """Begin to poll, unless that has begun."""
        if self._polling is None:
            self._polling = self.thread.run(self._poll())
            self._polling.add_done_callback(self._polling_ended)

    @asynccontextmanager
    async def joined_by(
        self, me: Member, bound: list[Host]
    ) -> AsyncGenerator[None, None]:
        """Answer as this member, and keep it in the view."""
        health = Health(me, self._cluster)
        limit = self._settings.stall_limit
        async with answering(self.thread, health, bound, limit, self._tls):
            self.poll()
            self._me, self._rounds_as_member = me, 0
            self._refresh()
            try:
                yield
            finally:
                self._me, self._former_id = None, me.id
                self._refresh()

    async def stop(self) -> None:
        """End the polling and the thread."""
        await self.thread.stop()

    async def _poll(self) -> None:
        """Runs in the thread."""
        settings, tls = self._settings, self._tls
        poller = Poller(self._cluster, settings, self._publish)
        if tls is None:
            async with HealthClient(settings.request_timeout) as client:
                await poller.run(client)
        else:
            client = HealthClient(settings.request_timeout, tls.client, tls.server_name)
            async with client, asyncio.TaskGroup() as group:
                group.create_task(tls.keep_fresh(settings.interval))
                await poller.run(client)

    def _publish(self, members: tuple[Member, ...]) -> None:
        """Called in the thread."""
        self.thread.tell_owner(self._round_ended, members)

    def _round_ended(self, members: tuple[Member, ...]) -> None:
        self._polled = members
        self._refresh()
        if self._me is not None:
            self._rounds_as_member += 1
            if self._rounds_as_member == 2 and self._me not in members:
                logger.warning(
                    "no host in hosts= is %s: others cannot find it", self._me
                )

    def _refresh(self) -> None:
        if self._polled is None:
            return
        if self._me is None:
            others = [m for m in self._polled if m.id != self._former_id]
            self.views.publish(tuple(others))
        else:
            me = self._me
            others = [
                m for m in self._polled if m.id != me.id and m.address != me.address
            ]
            self.views.publish((me, *others))

    def _polling_ended(self, polling: asyncio.Future[None]) -> None:
        if not polling.cancelled() and (error := polling.exception()) is not None:
            self.views.fail(error)
