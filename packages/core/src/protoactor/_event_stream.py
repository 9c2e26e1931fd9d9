"""Publishes what happens in a system to whoever subscribed."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from typing import Any, Generic, Self, TypeVar, cast

__all__ = ["EventStream", "Events", "Subscription"]

EventT = TypeVar("EventT")
logger = logging.getLogger("protoactor.events")


class Subscription:
    """Ends with `cancel()`; until then its handler is called for each event."""

    def __init__(
        self, stream: EventStream, handler: Callable[[Any], None], of: type
    ) -> None:
        self._stream = stream
        self.handler = handler
        self.of = of

    def cancel(self) -> None:
        """Receive nothing more, not even of an event being published now."""
        self._stream.unsubscribe(self)


class EventStream:
    """Handlers run in the publisher's turn, in the order of their subscription."""

    def __init__(self) -> None:
        self._subscriptions: dict[Subscription, None] = {}
        self._waiting: deque[object] = deque()
        self.current: object = None
        """The event being published, as seen by a handler."""

    def subscribe(
        self,
        handler: Callable[[EventT], None],
        of: type[EventT],
        *,
        where: Callable[[EventT], bool] | None = None,
    ) -> Subscription:
        """Call `handler` for events of this type (`object` for all) that fit `where`.

        Raises `TypeError` if `of` is no class.
        """
        if not isinstance(cast(object, of), type):
            raise TypeError(f"subscribe(handler, of) takes a class, not {of!r}")

        def fitting(event: EventT) -> None:
            if where is None or where(event):
                handler(event)

        subscription = Subscription(self, fitting if where else handler, of)
        self._subscriptions[subscription] = None
        return subscription

    def unsubscribe(self, subscription: Subscription) -> None:
        self._subscriptions.pop(subscription, None)

    def publish(self, event: object) -> None:
        """Call the handlers; an event published by one of them comes after this."""
        self._waiting.append(event)
        if self.current is not None:
            return
        try:
            while self._waiting:
                self.current = self._waiting.popleft()
                self._publish_one(self.current)
        finally:
            self.current = None

    def _publish_one(self, event: object) -> None:
        for subscription in tuple(self._subscriptions):
            if subscription in self._subscriptions and isinstance(
                event, subscription.of
            ):
                try:
                    subscription.handler(event)
                except Exception:
                    logger.exception("a subscriber failed on %r", event)

    def stream(self, of: type[EventT], *, capacity: int = 1000) -> Events[EventT]:
        """The events from now on; when `capacity` wait, the oldest is dropped."""
        return Events(self, of, capacity)

    async def first(
        self,
        of: type[EventT],
        *,
        where: Callable[[EventT], bool] | None = None,
        timeout: float = 5.0,
    ) -> EventT:
        """The next event that fits; raises `TimeoutError` after `timeout` seconds."""
        async with asyncio.timeout(timeout), self.stream(of) as events:
            while True:
                event = await anext(events)
                if where is None or where(event):
                    return event


class Events(Generic[EventT]):
    """An async iterator over events, subscribed until closed."""

    def __init__(self, stream: EventStream, of: type[EventT], capacity: int) -> None:
        self._events: deque[EventT] = deque(maxlen=capacity)
        self._arrived = asyncio.Event()
        self._subscription = stream.subscribe(self._take, of)

    def _take(self, event: EventT) -> None:
        self._events.append(event)
        self._arrived.set()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> EventT:
        while not self._events:
            self._arrived.clear()
            await self._arrived.wait()
        return self._events.popleft()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self._subscription.cancel()
