"""Waits until an actor is gone."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from protoactor._pid import PID
from protoactor._system_messages import SystemMessage, Watch
from protoactor.messages import Terminated

if TYPE_CHECKING:
    from protoactor._system import ActorSystem

__all__ = ["watch_end"]


class _TerminationWait:
    """A watcher that is a future; it has an id of its own, as watchers need."""

    def __init__(self, system: ActorSystem) -> None:
        self._system = system
        self.future: asyncio.Future[None] = system.loop.create_future()
        self.id = f"future{system.registry.next_id()}"

    def post(self, target: PID, item: object) -> None:
        self._system.dead_letter(target, item, "a stop is waited for here")

    def post_system(self, target: PID, message: SystemMessage) -> None:
        if isinstance(message, Terminated):
            self._system.registry.remove(self.id)
            if not self.future.done():
                self.future.set_result(None)


def watch_end(system: ActorSystem, target: PID) -> asyncio.Future[None]:
    """Done when `target` is gone, however it ended."""
    wait = _TerminationWait(system)
    system.registry.add(wait.id, wait)
    system.post_system(target, Watch(system.registry.pid(wait.id)))
    return wait.future
