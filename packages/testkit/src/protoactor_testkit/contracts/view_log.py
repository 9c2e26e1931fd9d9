"""Follows a watch and holds every view against the rules that all views obey."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from contextlib import aclosing
from types import TracebackType
from typing import Self

from protoactor_cluster.errors import MembershipLost
from protoactor_cluster.provider import ClusterProvider, Member, MembershipView

__all__ = ["ViewLog"]


class ViewLog:
    """The views of one `watch`, while inside the `async with`.

    Every view is checked when it comes: revisions grow, consecutive views
    differ, ids and addresses are unique, ids are sorted, `me` is always there.
    `after` delays the start of the watch by so many seconds.
    """

    def __init__(
        self,
        provider: ClusterProvider,
        cluster: str,
        *,
        me: Member | None = None,
        patience: float = 10.0,
        after: float = 0.0,
    ) -> None:
        self.history: list[MembershipView] = []
        self._provider = provider
        self._cluster = cluster
        self._me = me
        self._patience = patience
        self._after = after
        self._news = asyncio.Event()
        self._end: Exception | None = None
        self._end_was_seen = False

    async def __aenter__(self) -> Self:
        self._following = asyncio.create_task(self._follow())
        return self

    async def __aexit__(
        self,
        error_type: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._following.cancel()
        await asyncio.wait([self._following])
        if self._end is not None and not self._end_was_seen and error is None:
            raise self._end

    @property
    def members(self) -> tuple[Member, ...]:
        """The newest view's members; empty before the first view."""
        return self.history[-1].members if self.history else ()

    async def first(self) -> MembershipView:
        await self._wait(lambda: bool(self.history), "any view", self._patience)
        return self.history[0]

    async def until(self, *members: Member, within: float | None = None) -> None:
        """Wait for the view of exactly these members, just as they are."""
        await self._wait(
            lambda: bool(self.history) and set(self.members) == set(members),
            f"the view {_names(members)}",
            within,
        )

    async def until_listed(self, *members: Member, within: float | None = None) -> None:
        """Wait for a view that has at least these members."""
        await self._wait(
            lambda: set(self.members) >= set(members),
            f"{_names(members)} listed",
            within,
        )

    async def until_lost(self, within: float | None = None) -> None:
        """Wait until the watch raises `MembershipLost`."""
        await self._wait(
            lambda: isinstance(self._end, MembershipLost), "MembershipLost", within
        )
        self._end_was_seen = True

    async def quiet(self, seconds: float) -> None:
        """Fail if a view comes, or the watch ends, during these seconds."""
        seen = len(self.history)
        await asyncio.wait([self._following], timeout=seconds)
        self._raise_end()
        assert len(self.history) == seen, f"unexpected views: {self.history[seen:]}"

    def never_without(self, *members: Member) -> None:
        """Fail if a member was missing from a view after it had been in one."""
        for member in members:
            listed = [member in view.members for view in self.history]
            assert True in listed, f"{member} was never listed"
            assert all(listed[listed.index(True) :]), f"{member} was dropped"

    async def _follow(self) -> None:
        try:
            await asyncio.sleep(self._after)
            async with aclosing(self._provider.watch(self._cluster)) as views:
                async for view in views:
                    self._check(view)
                    self.history.append(view)
                    self._news.set()
            raise AssertionError("watch ended without being closed")
        except Exception as error:
            self._end = error
            self._news.set()

    def _check(self, view: MembershipView) -> None:
        ids = [member.id for member in view.members]
        addresses = {member.address for member in view.members}
        assert ids == sorted(set(ids)), f"not sorted and unique: {ids}"
        assert len(addresses) == len(ids), f"an address is there twice: {view}"
        if self._me is not None:
            assert self._me in view.members, f"{self._me} misses itself in {view}"
        if self.history:
            last = self.history[-1]
            assert view.revision > last.revision, f"{view} came after {last}"
            assert view.members != last.members, f"{view} changes nothing"

    async def _wait(
        self, reached: Callable[[], bool], what: str, within: float | None
    ) -> None:
        within = self._patience if within is None else within
        try:
            async with asyncio.timeout(within):
                while not reached():
                    self._raise_end()
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            seen = [_names(view.members) for view in self.history[-5:]]
            raise AssertionError(
                f"not {what} within {within:g} s; saw {seen}"
            ) from None

    def _raise_end(self) -> None:
        if self._end is not None:
            self._end_was_seen = True
            raise self._end


def _names(members: Iterable[Member]) -> str:
    return (
        "{" + ", ".join(f"{member.id[:6]}@{member.address}" for member in members) + "}"
    )
