"""The members in Kubernetes, as pictures for a thread."""

# lightkube leaves a type variable of its selectors open
# pyright: reportUnknownMemberType=false

from __future__ import annotations

import asyncio
import selectors
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing
from typing import Any

import httpx2
from lightkube import AsyncClient
from lightkube.resources.coordination_v1 import Lease

from protoactor_cluster.spi import Contact, Fault, Picture, Refused, now
from protoactor_provider_kubernetes._changes import changes
from protoactor_provider_kubernetes._evictions import Evictions
from protoactor_provider_kubernetes._fault import Expired, Missing, calling
from protoactor_provider_kubernetes._names import CLUSTER, label_of
from protoactor_provider_kubernetes._settings import Settings
from protoactor_provider_kubernetes._sightings import Sightings

__all__ = ["KubernetesSource"]

CLOSING_TIMEOUT = 1.0
"""Seconds in which sockets must have been closed."""


class KubernetesSource:
    """Follows the Leases of one cluster; blocking, for one thread.

    That thread runs an event loop of its own, so that a watch can be given up at once.
    """

    def __init__(
        self, settings: Settings, contact: Contact, cluster: str, kept: set[str]
    ) -> None:
        self._settings = settings
        self._contact = contact
        self._selector: dict[str, Any] = {CLUSTER: label_of(cluster)}
        ttl = settings.timing.ttl
        self._sightings = Sightings(cluster, ttl, kept.__contains__, now)
        self._evictions = Evictions(settings, contact, cluster, self._sightings)
        self._sockets = selectors.DefaultSelector()
        self._loop = asyncio.SelectorEventLoop(self._sockets)
        self._interrupted = asyncio.Event()
        self._client: AsyncClient | None = None
        self._listing = False

    def follow(self) -> Iterator[Picture]:
        """A picture now, after every change, and at least every `interval`."""
        pictures = self._pictures()
        try:
            while (
                picture := self._loop.run_until_complete(self._next(pictures))
            ) is not None:
                self._contact.regained(self)
                yield picture
        except Fault as error:
            self._contact.lost(self, str(error))
            raise
        finally:
            self._loop.run_until_complete(pictures.aclose())

    def evict(self, member_id: str, since: int) -> bool:
        return self._evictions.evict(member_id)

    def failed(self, error: Fault) -> None:
        self._contact.lost(self, str(error))

    def interrupt(self) -> None:
        self._loop.call_soon_threadsafe(self._interrupted.set)

    def close(self) -> None:
        if self._client is not None:
            self._loop.run_until_complete(self._client.close())
        self._loop.run_until_complete(self._loop.shutdown_asyncgens())
        self._loop.run_until_complete(self._sockets_closed())
        self._loop.close()
        self._evictions.close()
        self._contact.retire(self)

    async def _next(self, pictures: AsyncGenerator[Picture, None]) -> Picture | None:
        """The next picture, unless this is interrupted."""
        coming = asyncio.ensure_future(anext(pictures))
        interruption = asyncio.ensure_future(self._interrupted.wait())
        waiting: set[asyncio.Task[Any]] = {coming, interruption}
        try:
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            if self._listing:  # who is cancelled while connecting leaks the socket
                await asyncio.wait({coming}, timeout=self._settings.call_timeout)
            return None if interruption.done() else coming.result()
        finally:
            for task in waiting:
                task.cancel()
            await asyncio.gather(*waiting, return_exceptions=True)

    async def _pictures(self) -> AsyncGenerator[Picture, None]:
        version = await self._list(anew=True)
        while True:
            yield self._sightings.picture()
            try:
                async with aclosing(self._changed(version)) as watch:
                    async for picture in watch:
                        yield picture
            except Expired:
                pass
            version = await self._list(anew=False)

    async def _changed(self, version: str) -> AsyncGenerator[Picture, None]:
        """Pictures until the watch has said nothing for too long."""
        timing = self._settings.timing
        watch = self._living().watch(
            Lease, labels=self._selector, resource_version=version
        )
        with calling(self._settings.server):
            async with aclosing(
                changes(watch, timing.interval / 4, timing.ttl / 2)
            ) as batches:
                async for change in batches:
                    if change is not None:
                        self._sightings.apply(*change)
                    yield self._sightings.picture()

    async def _list(self, *, anew: bool) -> str:
        self._listing = True
        try:
            with calling(self._settings.server):
                found = self._living().list(Lease, labels=self._selector)
                leases = [lease async for lease in found]
        except Missing as error:
            raise Refused(self._settings.server, str(error)) from None
        finally:
            self._listing = False
        self._sightings.replace(leases, int(found.resourceVersion), anew=anew)
        return found.resourceVersion

    async def _sockets_closed(self) -> None:
        """Transports close some turns after their client, with TLS even later."""
        deadline, own = now() + CLOSING_TIMEOUT, 1  # the pipe that wakes the loop
        while len(self._sockets.get_map()) > own and now() < deadline:  # noqa: ASYNC110 (they announce it to nobody)
            await asyncio.sleep(0.005)
        for _ in range(3):
            await asyncio.sleep(0)

    def _living(self) -> AsyncClient:
        if self._client is None:
            settings = self._settings
            self._client = AsyncClient(
                settings.config,
                namespace=settings.namespace,
                timeout=httpx2.Timeout(settings.call_timeout),
            )
        return self._client
