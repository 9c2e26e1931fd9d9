"""Tasks that a cancellation cannot end before they have begun."""

from __future__ import annotations

import asyncio
import contextvars
import types
from collections.abc import Coroutine, Generator
from typing import Any

__all__ = ["first_step", "primed_task"]


@types.coroutine
def first_step() -> Generator[None, None, None]:
    """What a coroutine for `primed_task` must await before anything else."""
    yield


def primed_task(
    loop: asyncio.AbstractEventLoop,
    work: Coroutine[Any, Any, None],
    context: contextvars.Context,
) -> asyncio.Task[None]:
    """A task that stands at `first_step` already; cancelled, it is cancelled there.

    It never runs before the loop gets to it, whatever the loop's task factory.
    """
    context.run(work.send, None)
    return asyncio.Task(work, loop=loop, context=context)
