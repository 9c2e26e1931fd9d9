"""Waits for the signals that ask a process to end."""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Generator
from contextlib import contextmanager

__all__ = ["until_signalled"]


async def until_signalled(event: asyncio.Event) -> None:
    """Wait for `event`; in the main thread SIGTERM and SIGINT end the wait too."""
    asked = asyncio.Event()
    with _handling(asked):
        waits = [asyncio.ensure_future(it.wait()) for it in (event, asked)]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()


@contextmanager
def _handling(asked: asyncio.Event) -> Generator[None, None, None]:
    loop = asyncio.get_running_loop()
    installed: list[signal.Signals] = []
    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGTERM, signal.SIGINT):
            try:
                loop.add_signal_handler(number, asked.set)
            except NotImplementedError:  # Windows: Ctrl+C raises KeyboardInterrupt
                break
            installed.append(number)
    try:
        yield
    finally:
        for number in installed:
            loop.remove_signal_handler(number)
