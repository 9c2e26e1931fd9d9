"""Messages sent later, once or again and again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from protoactor._envelope import Envelope
from protoactor._pid import PID

if TYPE_CHECKING:
    from protoactor._system import ActorSystem

__all__ = ["Scheduler", "Timer"]


class Timer:
    """A scheduled message; `cancel()` may be called at any time, and twice."""

    __slots__ = ("_handle", "_interval", "_send", "_timers")

    def __init__(
        self,
        timers: set[Timer],
        loop: asyncio.AbstractEventLoop,
        delay: float,
        interval: float | None,
        send: Callable[[], None],
    ) -> None:
        self._timers = timers
        self._interval = interval
        self._send = send
        self._handle = loop.call_later(delay, self._fire, loop)
        timers.add(self)

    def cancel(self) -> None:
        """Send nothing more."""
        self._timers.discard(self)
        self._handle.cancel()

    def _fire(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._interval is None:
            self._timers.discard(self)
        else:
            due, now = self._handle.when() + self._interval, loop.time()
            if due <= now:
                due = now + self._interval  # what a stall has missed stays missed
            self._handle = loop.call_at(due, self._fire, loop)
        self._send()


class Scheduler:
    """Timers that belong to one actor, or to the system.

    `request_*` messages name the owner as their sender, `send_*` messages nobody.
    """

    def __init__(self, system: ActorSystem, owner: PID | None) -> None:
        self._system = system
        self._owner = owner
        self._timers: set[Timer] = set()

    def send_once(self, delay: float, target: PID, message: object) -> Timer:
        """Send after `delay` seconds."""
        return self._start(delay, None, target, message)

    def send_repeatedly(
        self, delay: float, interval: float, target: PID, message: object
    ) -> Timer:
        """Send after `delay` seconds and then every `interval` seconds."""
        return self._start(delay, interval, target, message)

    def request_once(self, delay: float, target: PID, message: object) -> Timer:
        """As `send_once`, with the owner as sender."""
        return self._start(delay, None, target, Envelope(message, self._owner))

    def request_repeatedly(
        self, delay: float, interval: float, target: PID, message: object
    ) -> Timer:
        """As `send_repeatedly`, with the owner as sender."""
        return self._start(delay, interval, target, Envelope(message, self._owner))

    def cancel_all(self) -> None:
        for timer in list(self._timers):
            timer.cancel()

    def _start(
        self, delay: float, interval: float | None, target: PID, item: object
    ) -> Timer:
        if delay < 0 or (interval is not None and interval <= 0):
            raise ValueError(f"delay {delay} and interval {interval} must be positive")
        system = self._system

        def send() -> None:
            system.deliver(target, item)

        return Timer(self._timers, system.loop, delay, interval, send)
