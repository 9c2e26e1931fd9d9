"""The event loop to run on: asyncio's own, or uvloop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

__all__ = ["runner"]


def runner(loop: str) -> Callable[[Coroutine[Any, Any, Any]], Any]:
    """As `asyncio.run`; `loop` is `asyncio` or `uvloop`."""
    if loop == "uvloop":
        import uvloop

        return uvloop.run
    return asyncio.run
