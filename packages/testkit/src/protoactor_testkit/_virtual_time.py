"""A loop whose clock jumps instead of waiting."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable, Generator
from concurrent.futures import Executor
from contextlib import contextmanager
from typing import Any, TypeVar, TypeVarTuple

__all__ = ["VirtualTimeLoop", "WouldWaitForEver"]

T = TypeVar("T")
Ts = TypeVarTuple("Ts")


class WouldWaitForEver(RuntimeError):
    """Every task waits, and nothing is left that could wake one of them."""

    def __init__(self, waiting: list[str]) -> None:
        self.waiting = waiting
        """Every task that waits, and the line where it does."""
        tasks = "".join(f"\n  {task}" for task in waiting)
        super().__init__(
            "nothing is ready, no timer is set, no thread and no socket is waited for; "
            f"these tasks would wait for ever:{tasks}"
        )


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """An asyncio loop whose clock jumps to the next timer when nothing is ready.

    The clock stands still while callbacks run, so the same test takes the same
    course every time, and an hour of waiting takes no time. While work of
    `run_in_executor` or a socket is waited for, timers wait as long as they say;
    `jump_over_sockets` jumps although sockets are open. Times are in seconds.

    Raises `WouldWaitForEver` out of `run_until_complete` where another loop hangs.

    >>> with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
    ...     runner.run(asyncio.sleep(3600.0))
    """

    def __init__(self, *, start: float = 0.0, jump_over_sockets: bool = False) -> None:
        self._now = start
        self._jump_over_sockets = jump_over_sockets
        self._work: set[asyncio.Future[Any]] = set()
        self._real_time = 0
        super().__init__(_JumpingSelector(self))

    def time(self) -> float:
        """Seconds since `start`, all of them virtual."""
        return self._now

    def advance(self, seconds: float) -> None:
        """Let the clock go on, as code that computes for `seconds` does."""
        self._now += seconds

    @contextmanager
    def real_time(self) -> Generator[None]:
        """No jumps inside: for threads that the loop does not know of."""
        self._real_time += 1
        try:
            yield
        finally:
            self._real_time -= 1

    def run_in_executor(
        self,
        executor: Executor | None,
        func: Callable[[*Ts], T],
        *args: *Ts,
    ) -> asyncio.Future[T]:
        work = super().run_in_executor(executor, func, *args)
        self._work.add(work)
        work.add_done_callback(self._work.discard)
        return work

    async def shutdown_default_executor(self, *args: Any) -> None:
        with self.real_time():  # it joins the threads in one more thread
            await super().shutdown_default_executor(*args)

    def may_jump(self, sockets: int) -> bool:
        """Whether nothing outside of this loop is waited for."""
        idle = self._jump_over_sockets or sockets == 0
        return idle and not self._work and not self._real_time

    def jump(self, seconds: float | None) -> None:
        """Go to the next timer, `seconds` away."""
        if seconds is None:
            raise WouldWaitForEver(_waiting(self))
        timers: list[asyncio.TimerHandle] = getattr(self, "_scheduled", [])
        # Adding the difference would miss the timer by a rounding error.
        when = timers[0].when() if timers else self._now + seconds
        self._now = max(self._now, when)


class _JumpingSelector(selectors.DefaultSelector):
    """Asks the loop to jump where another selector waits."""

    def __init__(self, loop: VirtualTimeLoop) -> None:
        super().__init__()
        self._loop = loop

    def select(
        self, timeout: float | None = None
    ) -> list[tuple[selectors.SelectorKey, int]]:
        events = super().select(0)
        if events or (timeout is not None and timeout <= 0):
            return events
        own = 1  # the pipe by which threads wake the loop
        if not self._loop.may_jump(len(self.get_map()) - own):
            events = super().select(timeout)
        if not events:
            self._loop.jump(timeout)
        return events


def _waiting(loop: asyncio.AbstractEventLoop) -> list[str]:
    return sorted(_describe(task) for task in asyncio.all_tasks(loop))


def _describe(task: asyncio.Task[Any]) -> str:
    frames = task.get_stack(limit=1)
    if not frames:
        return f"{task.get_name()}: {task.get_coro()!r}"
    code = frames[-1].f_code
    place = f"{code.co_filename}:{frames[-1].f_lineno}"
    return f"{task.get_name()}: {code.co_qualname} ({place})"
