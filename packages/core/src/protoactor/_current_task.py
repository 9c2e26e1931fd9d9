"""Which task asyncio takes for the current one."""

from __future__ import annotations

import asyncio
import sys
from typing import Any

__all__ = ["swap_current_task"]

if sys.version_info >= (3, 12):
    from asyncio.tasks import _swap_current_task as swap_current_task
else:
    _current_tasks: dict[asyncio.AbstractEventLoop, asyncio.Task[Any]]
    _current_tasks = vars(asyncio.tasks)["_current_tasks"]

    def swap_current_task(
        loop: asyncio.AbstractEventLoop, task: asyncio.Task[Any] | None
    ) -> asyncio.Task[Any] | None:
        """Let `task` be the current one; returns which one was."""
        previous = _current_tasks.get(loop)
        if task is None:
            _current_tasks.pop(loop, None)
        else:
            _current_tasks[loop] = task
        return previous
