"""An actor that a test looks through."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import TypeVar

from protoactor import (
    PID,
    Actor,
    ActorSystem,
    Context,
    Envelope,
    Props,
    Restarting,
    Started,
    Stopped,
    Stopping,
)

__all__ = ["Probe"]

MessageT = TypeVar("MessageT")
LIFECYCLE = Started | Stopping | Stopped | Restarting


class Probe:
    """Receives messages for a test, which expects them one after another.

    >>> async def test_relay_passes_messages_on(system, probe):
    ...     relay = system.spawn(lambda: Relay(to=probe.pid))
    ...     system.send(relay, "ping")
    ...     assert await probe.expect(str) == "ping"
    """

    def __init__(self, system: ActorSystem) -> None:
        self._system = system
        self._inbox: asyncio.Queue[Envelope] = asyncio.Queue()
        self._last: Envelope | None = None
        self.pid: PID = system.spawn(Props.from_context(self._actor))
        """Where the probe receives."""

    def _actor(self, context: Context) -> Actor:
        self._context = context
        return _Recorder(self._inbox)

    @property
    def sender(self) -> PID | None:
        """Who sent the message that was expected last."""
        return self._last.sender if self._last else None

    @property
    def headers(self) -> Mapping[str, str]:
        """The headers of the message that was expected last."""
        return (self._last.headers if self._last else None) or {}

    async def expect(
        self,
        message_type: type[MessageT],
        *,
        timeout: float = 3.0,
        where: Callable[[MessageT], bool] | None = None,
    ) -> MessageT:
        """The next message; raises `AssertionError` unless it is this type and fits.

        Waits for it up to `timeout` seconds.
        """
        wanted = message_type.__qualname__
        try:
            async with asyncio.timeout(timeout):
                self._last = await self._inbox.get()
        except TimeoutError:
            raise AssertionError(
                f"expected a {wanted} within {timeout:g} s, nothing came"
            ) from None
        message = self._last.message
        if not isinstance(message, message_type) or (where and not where(message)):
            fitting = " that fits `where`" if where else ""
            raise AssertionError(f"expected a {wanted}{fitting}, got {message!r}")
        return message

    async def expect_nothing(self, *, within: float = 0.1) -> None:
        """Raises `AssertionError` if a message waits or comes `within` seconds."""
        try:
            async with asyncio.timeout(within):
                self._last = await self._inbox.get()
        except TimeoutError:
            return
        raise AssertionError(f"expected nothing, got {self._last.message!r}")

    def send(
        self,
        target: PID,
        message: object,
        *,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Send with the probe as sender, so that it receives the reply."""
        self._context.send(target, message, sender=self.pid, headers=headers)

    def reply(
        self, message: object, *, headers: Mapping[str, str] | None = None
    ) -> None:
        """Answer the message that was expected last."""
        if self.sender is None:
            raise AssertionError("the message expected last has no sender to reply to")
        self._context.send(self.sender, message, headers=headers)

    def watch(self, target: PID) -> None:
        """Receive `Terminated` when `target` is gone."""
        self._context.watch(target)

    def unwatch(self, target: PID) -> None:
        """Undo `watch`."""
        self._context.unwatch(target)


class _Recorder(Actor):
    def __init__(self, inbox: asyncio.Queue[Envelope]) -> None:
        self._inbox = inbox

    def receive(self, context: Context) -> None:
        if not isinstance(context.message, LIFECYCLE):
            envelope = Envelope(context.message, context.sender, context.headers)
            self._inbox.put_nowait(envelope)
