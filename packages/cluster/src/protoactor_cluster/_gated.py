"""Lets an activation handle messages only while its member may serve.

Its start and its end happen inside of the spans for them.
"""

from __future__ import annotations

from collections.abc import Awaitable
from contextlib import AbstractContextManager

from protoactor import (
    Actor,
    Context,
    Envelope,
    Restarting,
    Started,
    Stopped,
    Stopping,
)
from protoactor_cluster._lifespan import Lifespan
from protoactor_cluster._quarantine import Quarantine

__all__ = ["GatedActor"]

LIFECYCLE = frozenset((Started, Stopping, Stopped, Restarting))


class GatedActor(Actor):
    """Passes messages on to `inner`, unless the member is in quarantine."""

    def __init__(
        self, inner: Actor, quarantine: Quarantine, lifespan: Lifespan
    ) -> None:
        self._inner = inner
        self._lifespan = lifespan
        self._quarantine = quarantine
        self.supervisor = getattr(inner, "supervisor", None)

    @property
    def __actor_type__(self) -> str:
        """Telemetry counts virtual actors by kind."""
        return self._lifespan.identity.kind

    def receive(self, context: Context) -> Awaitable[None] | None:
        passage = self._quarantine.passage()
        if type(context.message) in LIFECYCLE:
            return self._live(context)
        if passage is None:
            return self._inner.receive(context)
        return self._receive_later(context, passage)

    def _live(self, context: Context) -> Awaitable[None] | None:
        match context.message:
            case Started():
                return self._receive_within(self._lifespan.starting(), context)
            case Stopping():
                return self._receive_within(self._lifespan.stopping(), context)
            case _:
                return self._inner.receive(context)

    async def _receive_within(
        self, span: AbstractContextManager[None], context: Context
    ) -> None:
        with span:
            await self._receive(context)

    async def _receive_later(self, context: Context, passage: Awaitable[None]) -> None:
        await passage
        if context.stopping:
            item = context.envelope or Envelope(context.message)
            reason = "the member was evicted"
            context.system.dead_letter(context.self, item, reason)
            return
        await self._receive(context)

    async def _receive(self, context: Context) -> None:
        result = self._inner.receive(context)
        if result is not None:
            await result

    async def dispose(self) -> None:
        dispose = getattr(self._inner, "dispose", None)
        result = dispose() if dispose is not None else None
        if result is not None:
            await result
