"""Ends tasks that were not asked before."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection
from typing import Any

__all__ = ["cancel_all"]

GRACE = 1.0
"""Seconds that a cancelled task has to end."""

logger = logging.getLogger("protoactor.system")


async def cancel_all(tasks: Collection[asyncio.Task[Any]]) -> None:
    """Cancel all but the current task; give up on those that go on regardless."""
    others = [task for task in tasks if task is not asyncio.current_task()]
    for task in others:
        task.cancel()
    if not others:
        return
    _, left = await asyncio.wait(others, timeout=GRACE)
    for task in left:
        logger.error("%r ignores that it was cancelled", task)
