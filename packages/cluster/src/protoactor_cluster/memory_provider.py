"""Membership inside one process, with scriptable faults: for tests and simulation.

Everything happens on one event loop and by its clock, in the same order each time.
"""

from __future__ import annotations

import asyncio
import itertools
from collections import deque
from collections.abc import AsyncGenerator, Iterable
from contextlib import asynccontextmanager

from protoactor_cluster._memory_backend import MemoryBackend, Records
from protoactor_cluster.errors import ClusterError, MembershipLost
from protoactor_cluster.provider import Member, MembershipView

__all__ = ["MemoryBackend", "MemoryProvider", "Records"]


class MemoryProvider:
    """A `ClusterProvider` on a `MemoryBackend`; one for each member or client.

    >>> backend = MemoryBackend(ttl=1.0)
    >>> a, b = MemoryProvider(backend), MemoryProvider(backend, name="client")
    """

    def __init__(self, backend: MemoryBackend, *, name: str = "client") -> None:
        self._backend = backend
        self._own_name = name
        self._member: Member | None = None
        self._lost: MembershipLost | None = None
        self._revisions = itertools.count(1)
        self._feeds: list[_Feed] = []

    @property
    def lease_ttl(self) -> float:
        """Seconds until the backend forgets a member that does not renew."""
        return self._backend.ttl

    @property
    def name(self) -> str:
        """The viewer's name for `MemoryBackend`'s faults."""
        return self._member.id if self._member else self._own_name

    @property
    def member(self) -> Member | None:
        """The member that is joined at the moment."""
        return self._member

    @asynccontextmanager
    async def join(self, cluster: str, member: Member) -> AsyncGenerator[None, None]:
        """Keep `member` registered while inside; waits while the backend is down."""
        if self._member is not None:
            raise ClusterError(
                f"this provider has joined {self._member}: use another one"
            )
        while not self._backend._register(cluster, member):  # noqa: ASYNC110 (a client learns by trying)
            await asyncio.sleep(self._backend.ttl / 6)
        self._member, self._lost = member, None
        renewing = asyncio.create_task(self._keep_registered(cluster, member))
        try:
            yield
        finally:
            renewing.cancel()
            self._member = None
            self._backend._deregister(cluster, member)
            await asyncio.wait([renewing])

    async def watch(self, cluster: str) -> AsyncGenerator[MembershipView, None]:
        """The view now and after every change, as the backend's faults let it be seen.

        Raises `MembershipLost` when the joined member was evicted.
        """
        feed = _Feed(self, cluster)
        self._feeds.append(feed)
        self._backend._subscribe(feed)
        try:
            while True:
                while (members := await self._next(feed)) is not None:
                    yield MembershipView.of(members, next(self._revisions))
                self._backend._push(feed)  # a watch may be silent: ask again
        finally:
            self._feeds.remove(feed)
            self._backend._unsubscribe(feed)

    async def _next(self, feed: _Feed) -> tuple[Member, ...] | None:
        """The next change; None when nothing came for a third of the TTL."""
        try:
            async with asyncio.timeout(self._backend.ttl / 3):
                while self._lost is None and not feed.pending:
                    feed.news.clear()
                    await feed.news.wait()
        except TimeoutError:
            return None
        if self._lost is not None:
            raise self._lost
        return feed.pending.popleft()

    async def _keep_registered(self, cluster: str, member: Member) -> None:
        while self._lost is None:
            await asyncio.sleep(self._backend.ttl / 3)
            try:
                self._backend._register(cluster, member)
            except MembershipLost as lost:
                self._lose(lost)

    def _lose(self, lost: MembershipLost) -> None:
        self._lost = lost
        for feed in self._feeds:
            feed.news.set()


class _Feed:
    """One open watch: what was delivered to it and not yet yielded."""

    def __init__(self, provider: MemoryProvider, cluster: str) -> None:
        self.cluster = cluster
        self.pending: deque[tuple[Member, ...]] = deque()
        self.news = asyncio.Event()
        self._provider = provider
        self._last: tuple[Member, ...] | None = None
        self._hold_until = 0.0

    @property
    def viewer(self) -> str:
        return self._provider.name

    def hold_removals(self, seconds: float) -> None:
        self._hold_until = asyncio.get_running_loop().time() + seconds

    def deliver(self, members: tuple[Member, ...], evicted: bool) -> None:
        me = self._provider.member
        if evicted and me is not None:
            lost = MembershipLost(f"{me} was evicted from {self.cluster!r}")
            self._provider._lose(lost)
            return
        if me is not None and me not in members:
            members = _and_absent((me,), members)
        if self._last and asyncio.get_running_loop().time() < self._hold_until:
            members = _and_absent(members, self._last)
        if self._last is None or set(members) != set(self._last):
            self._last = members
            self.pending.append(members)
            self.news.set()


def _and_absent(
    members: tuple[Member, ...], others: Iterable[Member]
) -> tuple[Member, ...]:
    """`members`, and those of `others` whose id and address they do not hold."""
    ids = {member.id for member in members}
    addresses = {member.address for member in members}
    absent = (m for m in others if m.id not in ids and m.address not in addresses)
    return (*members, *absent)
