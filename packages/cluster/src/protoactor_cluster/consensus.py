"""Whether all members say the same, and waiting until they do."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping
from typing import Generic, TypeVar

__all__ = ["Consensus", "agreed", "dissenters"]

T = TypeVar("T")


def agreed(members: Collection[str], *said: Mapping[str, T]) -> T | None:
    """The value that every member has in every mapping; `None` if there is none.

    For the barrier of a hand-over: `agreed(ids, topologies, ready)`.
    """
    value = next((table.get(member) for member in members for table in said), None)
    return None if value is None or dissenters(members, value, *said) else value


def dissenters(
    members: Collection[str], expected: T, *said: Mapping[str, T]
) -> frozenset[str]:
    """The members that do not have `expected` in every mapping."""
    return frozenset(
        member
        for member in members
        if any(table.get(member) != expected for table in said)
    )


class Consensus(Generic[T]):
    """Lets coroutines wait for a value that others must first agree on.

    `read` computes it from present state; nothing is remembered, so a value
    that changes without disagreement in between is seen too. Belongs to one
    event loop.
    """

    def __init__(self, read: Callable[[], T | None]) -> None:
        self._read = read
        self._changed = asyncio.Event()

    def changed(self) -> None:
        """Call it whenever what `read` looks at may have changed."""
        # waiters hold the old event: setting it wakes each of them exactly once
        self._changed.set()
        self._changed = asyncio.Event()

    async def reached(self, expected: T | None = None, *, timeout: float) -> T:
        """Wait for agreement, on `expected` if given; returns the agreed value.

        Raises `TimeoutError` after `timeout` seconds.
        """
        async with asyncio.timeout(timeout):
            while True:
                value = self._read()
                if value is not None and expected in (None, value):
                    return value
                await self._changed.wait()
