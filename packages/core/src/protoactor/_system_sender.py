"""Sends messages from outside of actors."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Mapping, Sequence
from typing import Any, TypeVar, overload

from protoactor._envelope import Envelope
from protoactor._pid import PID
from protoactor._post_office import PostOffice
from protoactor._requests import Requests
from protoactor.errors import NotSent
from protoactor.messages import Request
from protoactor.middleware import SendMiddleware, Sent, chain

__all__ = ["SystemSender"]

R = TypeVar("R")


class SystemSender(PostOffice):
    """A system as a sender: its headers and middleware apply."""

    requests: Requests

    def __init__(
        self, middleware: Sequence[SendMiddleware], headers: Mapping[str, str] | None
    ) -> None:
        self.headers = headers
        self._send = chain(middleware, self.deliver_sent)
        self._has_send_middleware = bool(middleware)
        self._plain = headers is None and not middleware

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        raise NotImplementedError

    def send(
        self,
        target: PID,
        message: object,
        *,
        sender: PID | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """As `Context.send`; from other threads use `post_threadsafe`.

        In asyncio's debug mode a call from another thread raises `RuntimeError`.
        """
        if sender is None and headers is None and self._plain and message is not None:
            self.deliver(target, message)
        else:
            self._post(target, self._outgoing(message, sender, headers))

    def _outgoing(
        self, message: object, sender: PID | None, headers: Mapping[str, str] | None
    ) -> Envelope:
        if message is None:
            raise NotSent("a message must not be None")
        return Envelope(message, sender, self.headers if headers is None else headers)

    def _post(self, target: PID, item: object) -> None:
        if self._has_send_middleware:
            envelope = item if isinstance(item, Envelope) else Envelope(item)
            self._send(
                Sent(self, None, target, envelope)  # type: ignore[arg-type] # it is one
            )
        else:
            self.deliver(target, item)

    def post_threadsafe(self, target: PID, message: object) -> None:
        """As `send`, from any thread."""
        if message is None:
            raise NotSent("a message must not be None")
        self.loop.call_soon_threadsafe(self.send, target, message)

    @overload
    async def request(
        self,
        target: PID,
        message: Request[R],
        *,
        timeout: float | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> R: ...

    @overload
    async def request(
        self,
        target: PID,
        message: object,
        *,
        returns: type[R],
        timeout: float | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> R: ...

    @overload
    async def request(
        self,
        target: PID,
        message: object,
        *,
        timeout: float | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> object: ...

    def request(
        self,
        target: PID,
        message: object,
        *,
        returns: type[Any] | None = None,
        timeout: float | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Coroutine[Any, Any, Any]:
        """As `Context.request`."""
        if headers is None:
            headers = self.headers
        deliver = self._post if self._has_send_middleware else self.deliver
        return self.requests.ask(deliver, target, message, returns, timeout, headers)
