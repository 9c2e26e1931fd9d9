"""Keeps a member that stood still from serving before it knows that it still is one."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from protoactor_cluster._keep_alive import KeepAlive

__all__ = ["Quarantine"]


class Quarantine:
    """Asked before every message that an activation handles or that leaves.

    While a process was frozen others may have taken it for dead and started its
    activations elsewhere. So none of its own handles anything, and nothing that
    they said leaves, until `confirm` has returned.
    """

    def __init__(
        self,
        keep_alive: KeepAlive,
        confirm: Callable[[], Coroutine[Any, Any, None]],
        start: Callable[[Coroutine[Any, Any, None], str], asyncio.Task[None]],
    ) -> None:
        self._keep_alive = keep_alive
        self._confirm = confirm
        self._start = start
        self._confirming: asyncio.Task[None] | None = None

    @property
    def holds(self) -> bool:
        """Whether everything has to wait."""
        return self._confirming is not None or self._keep_alive.stood_still()

    def passage(self) -> Awaitable[None] | None:
        """What to wait for first; `None` nearly always."""
        if self._confirming is None:
            if not self._keep_alive.stood_still():
                return None
            self._confirming = self._start(self._ask(), "quarantine")
        return asyncio.shield(self._confirming)

    async def _ask(self) -> None:
        try:
            await self._confirm()
        finally:
            self._keep_alive.absolve()
            self._confirming = None
