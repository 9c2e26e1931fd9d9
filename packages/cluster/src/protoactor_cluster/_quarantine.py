"""Keeps a member that stood still from serving before it knows that it still is one."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Generator
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING

from protoactor_cluster.keep_alive import KeepAlive, beating
from protoactor_cluster.provider import lease_ttl

if TYPE_CHECKING:
    from protoactor_cluster.cluster import Cluster

__all__ = ["Quarantine"]

MARGIN = 2 / 3
"""Of the time after which others may take a member for dead: its last sign of life
may be as old as a renewal interval."""


class Quarantine:
    """Asked before every message that an activation handles or that leaves.

    While a process was frozen others may have taken it for dead and started its
    activations elsewhere. So none of its own handles anything, and nothing that
    they said leaves, until a fresh view of the provider has confirmed the member.
    """

    def __init__(self, cluster: Cluster, keep_alive: KeepAlive | None) -> None:
        self._cluster = cluster
        self._given = keep_alive is not None
        patience = min(lease_ttl(cluster.provider), cluster.detection.suspect_after)
        self._keep_alive = keep_alive or KeepAlive(patience * MARGIN)
        self._confirming: asyncio.Task[None] | None = None

    @property
    def holds(self) -> bool:
        """Whether everything has to wait."""
        return self._confirming is not None or self._keep_alive.stood_still()

    @property
    def stalled(self) -> bool:
        """Whether the event loop stands still right now; for other threads."""
        return self._keep_alive.stalled

    def passage(self) -> Awaitable[None] | None:
        """What to wait for first; `None` nearly always."""
        if self._confirming is None:
            if not self._keep_alive.stood_still():
                return None
            self._confirming = self._cluster.system.start_background(
                self._confirm(), "quarantine"
            )
        return asyncio.shield(self._confirming)

    @contextmanager
    def guarding(self) -> Generator[None, None, None]:
        """Notice when the process stands still, and let nothing leave then."""
        keep_alive, gate = self._keep_alive, self._cluster.remote.gate
        watching = keep_alive.watching(self._cluster.system.loop)
        with watching, nullcontext() if self._given else beating(keep_alive):
            gate.ask = self.passage
            try:
                yield
            finally:
                gate.open()

    async def _confirm(self) -> None:
        try:
            await self._cluster.session.membership.confirm()
        finally:
            self._keep_alive.absolve()
            self._confirming = None
