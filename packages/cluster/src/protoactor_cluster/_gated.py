"""Lets an activation handle messages only while its member may serve."""

from __future__ import annotations

from collections.abc import Awaitable

from protoactor import (
    Actor,
    Context,
    Envelope,
    Restarting,
    Started,
    Stopped,
    Stopping,
)
from protoactor_cluster._quarantine import Quarantine

__all__ = ["GatedActor"]

LIFECYCLE = (Started, Stopping, Stopped, Restarting)


class GatedActor(Actor):
    """Passes messages on to `inner`, unless the member is in quarantine."""

    def __init__(self, inner: Actor, quarantine: Quarantine) -> None:
        self._inner = inner
        self._quarantine = quarantine
        self.supervisor = getattr(inner, "supervisor", None)

    def receive(self, context: Context) -> Awaitable[None] | None:
        passage = self._quarantine.passage()
        if passage is None or isinstance(context.message, LIFECYCLE):
            return self._inner.receive(context)
        return self._receive_later(context, passage)

    async def _receive_later(self, context: Context, passage: Awaitable[None]) -> None:
        await passage
        if context.stopping:
            item = context.envelope or Envelope(context.message)
            reason = "the member was evicted"
            context.system.dead_letter(context.self, item, reason)
            return
        result = self._inner.receive(context)
        if result is not None:
            await result

    async def dispose(self) -> None:
        dispose = getattr(self._inner, "dispose", None)
        result = dispose() if dispose is not None else None
        if result is not None:
            await result
