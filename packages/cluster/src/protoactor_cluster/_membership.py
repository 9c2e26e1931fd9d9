"""Follows the provider's views, whatever the provider does."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import aclosing

from protoactor_cluster._views import fault_of
from protoactor_cluster.errors import ClusterError, MembershipLost
from protoactor_cluster.events import ProviderFailed
from protoactor_cluster.member_list import MemberList
from protoactor_cluster.provider import ClusterProvider, MembershipView
from protoactor_cluster.topology import TopologyChange
from protoactor_remote import Backoff

__all__ = ["Membership"]

logger = logging.getLogger("protoactor.cluster.membership")
BACKOFF = Backoff(first=0.5, longest=5.0)


class Membership:
    """One task that consumes `provider.watch`; views in, topology changes out.

    A watch that raises or ends is opened again; a view that makes no sense is
    ignored. Meanwhile the members that are known stay members.
    """

    def __init__(
        self,
        provider: ClusterProvider,
        cluster: str,
        members: MemberList,
        changed: Callable[[TopologyChange | None], None],
        publish: Callable[[object], None],
    ) -> None:
        self._provider = provider
        self._cluster = cluster
        self._members = members
        self._changed = changed
        self._publish = publish
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._watching: asyncio.Task[None] | None = None
        self._confirmation: asyncio.Future[None] | None = None
        self._waiting: asyncio.Future[None] | None = None
        self._failures = 0
        self._last: MembershipView | None = None
        self.problem: Exception | None = None
        """What last went wrong with the provider, until its next good view."""

    async def follow(self) -> None:
        """Runs until cancelled, or until this member is evicted."""
        try:
            while self._members.eviction is None:
                await self._open_watch()
        finally:
            self.close()

    async def confirm(self) -> None:
        """Wait until a fresh view says whether this member still is one."""
        if self._members.eviction is not None:
            return  # it is none, and no view will come any more
        if self._confirmation is None:
            self._confirmation = self._loop.create_future()
            self._watch_anew()
        await asyncio.shield(self._confirmation)

    def take(self, change: TopologyChange | None) -> None:
        """A change that did not come from the provider."""
        self._set_timer()
        self._changed(change)

    def close(self) -> None:
        """Look at nothing any more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._conclude()

    async def _open_watch(self) -> None:
        asked = self._confirmation
        self._watching = asyncio.create_task(self._watch(), name="provider watch")
        try:
            await asyncio.wait({self._watching})
        finally:
            self._watching.cancel()
            await asyncio.gather(self._watching, return_exceptions=True)
        if asked is not self._confirmation:
            return  # to be watched anew
        cancelled = self._watching.cancelled()
        self._failed(None if cancelled else self._watching.exception())
        if self._members.eviction is None:
            await self._pause()

    async def _watch(self) -> None:
        views = self._provider.watch(self._cluster)
        fresh = self._confirmation
        async with aclosing(views):
            async for view in views:
                if reason := fault_of(view) or self._order_fault(view):
                    self._suffer(ClusterError(f"a view makes no sense: {reason}"))
                    continue
                self._take_view(view)
                if self._members.eviction is not None:
                    return
                if fresh is not None:
                    self._conclude()

    def _order_fault(self, view: MembershipView) -> str | None:
        last, self._last = self._last, view
        if last is None or view.revision > last.revision or view == last:
            return None
        return f"revision {view.revision} after {last.revision}: it must grow"

    def _take_view(self, view: MembershipView) -> None:
        self._failures = 0
        self.problem = None
        self.take(self._members.apply(view, self._loop.time()))

    def _failed(self, error: BaseException | None) -> None:
        if isinstance(error, MembershipLost):
            self._members.evict(str(error))
            self.take(None)
        elif self._members.eviction is None:
            failure = error if isinstance(error, Exception) else None
            self._suffer(failure or ClusterError("its watch ended"))

    def _suffer(self, error: Exception) -> None:
        if repr(error) != repr(self.problem):
            logger.error("cluster %r: %s: %r", self._cluster, self._name, error)
            self._publish(ProviderFailed(error))
        self.problem = error

    async def _pause(self) -> None:
        self._failures += 1
        self._waiting = self._loop.create_future()
        await asyncio.wait({self._waiting}, timeout=BACKOFF.pause(self._failures))

    def _watch_anew(self) -> None:
        if self._watching is not None:
            self._watching.cancel()
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)

    def _conclude(self) -> None:
        confirmation, self._confirmation = self._confirmation, None
        if confirmation is not None:
            confirmation.set_result(None)

    @property
    def _name(self) -> str:
        return type(self._provider).__qualname__

    def _set_timer(self) -> None:
        """Have the member list look again when something it waits for is due."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        due = self._members.next_deadline
        if due is not None:
            self._timer = self._loop.call_at(due, self._advance)

    def _advance(self) -> None:
        self._timer = None
        self.take(self._members.advance(self._loop.time()))
