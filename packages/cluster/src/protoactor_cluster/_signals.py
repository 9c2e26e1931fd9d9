"""Waits for the signals that ask a process to end."""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Callable
from contextlib import ExitStack
from types import FrameType
from typing import TypeAlias

__all__ = ["until_signalled"]

Handler: TypeAlias = Callable[[int, FrameType | None], object]


async def until_signalled(event: asyncio.Event) -> None:
    """Wait for `event`; in the main thread SIGTERM and SIGINT end the wait too.

    Handlers that the program has installed are called as well, and stay installed.
    """
    loop, asked = asyncio.get_running_loop(), asyncio.Event()
    with ExitStack() as listening:
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGTERM, signal.SIGINT):
                tell = lambda: loop.call_soon_threadsafe(asked.set)  # noqa: E731
                listening.callback(_Listener(number, tell).close)
        waits = [asyncio.ensure_future(it.wait()) for it in (event, asked)]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()


class _Listener:
    """Hears a signal, and passes it on to the handler that it stands before.

    A handler of `loop.add_signal_handler` hears it anyway: the loop reads signals
    from a file descriptor.
    """

    def __init__(self, number: signal.Signals, tell: Callable[[], object]) -> None:
        self._number = number
        self._tell: Callable[[], object] | None = tell
        self._before: Handler | int | None = signal.getsignal(number)
        if self._before is not None:  # what C code has installed could not return
            signal.signal(number, self)

    def __call__(self, number: int, frame: FrameType | None) -> None:
        if self._tell is not None:
            self._tell()
        if callable(self._before) and not _only_interrupts(self._before):
            self._before(number, frame)

    def close(self) -> None:
        """Hear it no more. Others that came meanwhile stay in front."""
        self._tell = None
        in_front: object = signal.getsignal(self._number)
        if in_front is self:
            signal.signal(self._number, self._next())

    def _next(self) -> Handler | int | None:
        """The next handler that is still in use."""
        before = self._before
        if isinstance(before, _Listener) and before._tell is None:
            return before._next()
        return before


def _only_interrupts(handler: object) -> bool:
    """Whether it is Python's own for Ctrl-C, whose place ours takes."""
    function = getattr(handler, "func", handler)
    owner = getattr(function, "__self__", None)
    return handler is signal.default_int_handler or isinstance(owner, asyncio.Runner)
