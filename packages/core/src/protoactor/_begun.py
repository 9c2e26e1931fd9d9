"""Coroutines whose first step is taken at once, and the rest in a task."""

from __future__ import annotations

import asyncio
import types
from collections.abc import Coroutine, Generator
from typing import Any, TypeVar

__all__ = ["adopt", "begun"]

T = TypeVar("T")


def begun(
    coroutine: Coroutine[Any, Any, T], loop: asyncio.AbstractEventLoop
) -> asyncio.Future[T]:
    """What becomes of a coroutine that has run up to where it first waits."""
    try:
        waited_for = coroutine.send(None)
    except StopIteration as end:
        done = loop.create_future()
        done.set_result(end.value)
        return done
    except Exception as error:
        done = loop.create_future()
        done.set_exception(error)
        return done
    return loop.create_task(_rest(coroutine, waited_for))


async def _rest(coroutine: Coroutine[Any, Any, T], waited_for: Any) -> T:
    return await adopt(coroutine, waited_for)


@types.coroutine
def adopt(coroutine: Coroutine[Any, Any, T], waited_for: Any) -> Generator[Any, Any, T]:
    """Go on driving a coroutine that has already yielded a future."""
    while True:
        try:
            value = yield waited_for
        except BaseException as error:
            try:
                waited_for = coroutine.throw(error)
            except StopIteration as end:
                return end.value  # type: ignore[no-any-return] # it is the coroutine's
        else:
            try:
                waited_for = coroutine.send(value)
            except StopIteration as end:
                return end.value  # type: ignore[no-any-return] # it is the coroutine's
