"""The newest view, for any number of watches that wait for the next one."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

from protoactor_cluster.provider import Member, MembershipView

__all__ = ["LatestView"]


class LatestView:
    """Keeps one view; whoever is slow skips those in between."""

    def __init__(self, revisions: Iterator[int]) -> None:
        self._revisions = revisions
        self._view: MembershipView | None = None
        self._failure: BaseException | None = None
        self._changed = asyncio.Event()

    def publish(self, members: tuple[Member, ...]) -> None:
        """Replace the view, if that changes anything."""
        if self._view is None or set(self._view.members) != set(members):
            self._view = MembershipView.of(members, next(self._revisions))
            self._wake()

    def fail(self, error: BaseException) -> None:
        """Raise `error` in every watch: there will be no more views."""
        self._failure = error
        self._wake()

    async def newer_than(self, revision: int) -> MembershipView:
        """The view, as soon as its revision is larger."""
        while self._view is None or self._view.revision <= revision:
            if self._failure is not None:
                raise self._failure
            await self._changed.wait()
        return self._view

    def _wake(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()
