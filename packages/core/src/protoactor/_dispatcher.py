"""Who runs the actors that have messages."""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
from collections import deque
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Protocol

from protoactor._cancellation import cancel_all
from protoactor._clock import clock_of
from protoactor._primed_task import first_step, primed_task
from protoactor._special_messages import SpecialTypes
from protoactor._turn import run_turns

if TYPE_CHECKING:
    from protoactor._cell import ActorCell
    from protoactor._spare import Spare

__all__ = ["ActorDispatcher", "Dispatcher", "TaskDispatcher"]


class ActorDispatcher(Protocol):
    """What props may name to have an actor run elsewhere."""

    def schedule(self, cell: ActorCell) -> None: ...

    def receiver(
        self, receive: Callable[[Any], Awaitable[None] | None]
    ) -> Callable[[Any], Awaitable[None] | None]:
        """The same handler, run where this dispatcher wants it."""
        ...


class Dispatcher(Protocol):
    """Runs one turn after another of every scheduled actor."""

    throughput: int
    """Most messages per turn."""
    time_slice: float
    """Seconds after which a turn gives way."""
    now: float
    """The loop's time when it was last read."""
    closing: bool
    specials: SpecialTypes

    @property
    def time(self) -> Callable[[], float]: ...

    def schedule(self, cell: ActorCell) -> None:
        """Run a turn of this actor soon; called once until its turn has come."""
        ...

    def run_now(self, now: float) -> None:
        """Run what is ready on the spot, if that is possible here."""
        ...

    def runs(self, task: asyncio.Task[Any] | None) -> bool:
        """Whether this task runs a handler."""
        ...

    async def close(self) -> None:
        """Run nothing more; cancel suspended handlers, and wait up to 1 s for them."""
        ...


class OneTurn:
    """Runs a single turn of a single actor."""

    __slots__ = ("context", "last_turn", "ready", "spare")

    def __init__(self, cell: ActorCell, context: contextvars.Context) -> None:
        self.ready = deque([cell])
        self.context = context
        self.last_turn = True
        self.spare: Spare | None = None


class TaskDispatcher:
    """The plain way: a task for every actor that has messages.

    Slower than the pump, and without reliance on how asyncio keeps track of the
    current task.
    """

    def __init__(self, *, throughput: int = 300, time_slice: float = 0.005) -> None:
        self.throughput = throughput
        self.time_slice = time_slice
        self.closing = False
        self.specials = SpecialTypes()
        self._loop = asyncio.get_running_loop()
        self.time = clock_of(self._loop)
        self.now = self.time()
        self._tasks: set[asyncio.Task[None]] = set()

    def schedule(self, cell: ActorCell) -> None:
        if self.closing:
            return
        context = contextvars.Context()
        turn = self._run(OneTurn(cell, context))
        task = primed_task(self._loop, turn, context)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def run_now(self, now: float) -> None:
        """Nothing runs before the loop gets to it."""

    def runs(self, task: asyncio.Task[Any] | None) -> bool:
        return task in self._tasks

    async def close(self) -> None:
        self.closing = True
        await cancel_all(self._tasks)

    async def _run(self, turn: OneTurn) -> None:
        with contextlib.suppress(asyncio.CancelledError):  # no handler runs yet
            await first_step()
        self.now = self.time()
        await run_turns(turn, self)
