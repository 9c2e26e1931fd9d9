"""What only some actors have; an idle actor without it stays small."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, TypeAlias

from protoactor._envelope import Envelope
from protoactor._pid import PID

if TYPE_CHECKING:
    from protoactor._scheduler import Scheduler
    from protoactor._supervision import RestartStatistics

__all__ = ["Extras"]

Reentry: TypeAlias = tuple["asyncio.Future[Any] | None", Envelope | None]
"""What to cancel, and what to answer, if the actor ends before its turn comes."""


class Extras:
    """Children, watchers, timers, and what was set aside."""

    __slots__ = (
        "children",
        "escalated",
        "incarnation",
        "reentries",
        "scheduler",
        "stash",
        "store",
        "watchers",
        "watching",
    )

    def __init__(self) -> None:
        self.children: dict[
            str, RestartStatistics | None
        ] = {}  # by id: addresses change
        self.watchers: dict[PID, None] = {}
        self.watching: dict[PID, None] = {}
        self.stash: list[object] = []
        self.reentries: dict[object, Reentry] = {}
        self.escalated: set[PID] = set()
        self.store: dict[type, Any] = {}
        self.scheduler: Scheduler | None = None
        self.incarnation = 0
