"""Looks into the cluster again and again, and tells pages what it saw."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections import deque
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from protoactor_cli._look import Asked, Look
from protoactor_cli.dashboard._snapshot import (
    Told,
    call_to_json,
    event_to_json,
    snapshot,
)
from protoactor_cluster import Member, TopologyChanged
from protoactor_cluster.wire import introspection_pb2 as wire

__all__ = ["Watch"]

EVENTS = 300
CALLS = 100
REMEMBERED = 120.0
"""Seconds for which a member that is gone is still shown."""


@dataclass(slots=True)
class Known:
    """What has been heard of one member."""

    member: Member
    report: wire.Report | None = None
    problem: str = ""
    events: int = 0
    calls: int = 0
    gone_at: float | None = None


@dataclass(slots=True)
class Watch:
    """Asks every `interval` seconds, and at once when the topology changes."""

    look: Look
    interval: float = 1.0
    known: dict[str, Known] = field(default_factory=dict[str, Known])
    events: deque[dict[str, Any]] = field(
        default_factory=lambda: deque[dict[str, Any]](maxlen=EVENTS)
    )
    calls: deque[dict[str, Any]] = field(
        default_factory=lambda: deque[dict[str, Any]](maxlen=CALLS)
    )
    _changed: asyncio.Condition = field(default_factory=asyncio.Condition)
    _due: asyncio.Event = field(default_factory=asyncio.Event)
    _round: int = 0
    _numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    @asynccontextmanager
    async def watching(self) -> AsyncGenerator[None, None]:
        """Look while inside; the first look is over when this is entered."""
        events = self.look.cluster.system.events
        subscription = events.subscribe(lambda _: self._due.set(), TopologyChanged)
        await self.look_once()
        looking = asyncio.create_task(self._look_again(), name="dashboard")
        try:
            yield
        finally:
            subscription.cancel()
            looking.cancel()
            await asyncio.gather(looking, return_exceptions=True)

    async def look_once(self) -> None:
        asked = await self.look.ask(self._news)
        self._note_who_is_gone()
        for it in asked:
            self._note(it)
        async with self._changed:
            self._round += 1
            self._changed.notify_all()

    async def snapshots(self) -> AsyncGenerator[dict[str, Any], None]:
        """The present one whole, then what is new again and again."""
        told = Told()
        while True:
            seen = self._round
            yield snapshot(self, told)
            async with self._changed:
                while self._round == seen:
                    await self._changed.wait()

    async def _look_again(self) -> None:
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._due.wait(), self.interval)
            self._due.clear()
            await self.look_once()

    async def _news(self, address: str) -> wire.Report:
        known = next(
            (it for it in self.known.values() if it.member.address == address), None
        )
        after = (known.events, known.calls) if known else (0, 0)
        return await self.look.inspector.news(address, *after)

    def _note(self, asked: Asked[wire.Report]) -> None:
        known = self.known.setdefault(asked.member.id, Known(asked.member))
        known.problem = asked.problem
        if (told := asked.answer) is None:
            return
        known.report, now = told, time.time()
        for event in told.events:
            known.events = event.number
            seen = event_to_json(event, asked.member, now)
            self.events.append({**seen, "n": next(self._numbers)})
        for call in told.slow_calls:
            known.calls = call.number
            self.calls.append({**call_to_json(call, now), "n": next(self._numbers)})
        del told.events[:], told.slow_calls[:]

    def _note_who_is_gone(self) -> None:
        now, present = time.monotonic(), self.look.cluster.topology.by_id
        for id, known in tuple(self.known.items()):
            if id in present:
                known.gone_at = None
            elif known.gone_at is None:
                known.gone_at = now
            elif now - known.gone_at > REMEMBERED:
                del self.known[id]
