"""A watch that goes quiet ends."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from protoactor_provider_kubernetes._changes import changes


async def speaks(*words: str) -> AsyncIterator[str]:
    for word in words:
        yield word
    await asyncio.Event().wait()


async def test_it_ends_when_nothing_has_come_for_too_long() -> None:
    seen = [word async for word in changes(speaks("a", "b"), 0.01, 0.1)]
    assert seen[:2] == ["a", "b"]
    assert set(seen[2:]) == {None}


async def test_it_ends_with_the_watch() -> None:
    async def ends() -> AsyncIterator[str]:
        yield "a"

    assert [word async for word in changes(ends(), 0.5, 60.0)] == ["a"]


async def test_what_the_watch_raises_comes_through() -> None:
    async def breaks() -> AsyncIterator[str]:
        yield "a"
        raise LookupError

    with pytest.raises(LookupError):
        [word async for word in changes(breaks(), 0.5, 60.0)]
