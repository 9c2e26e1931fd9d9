"""A request on its way."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, TypeAlias

from protoactor._envelope import QUEUED, Envelope
from protoactor._pid import PID

if TYPE_CHECKING:
    from protoactor._requests import Requests

__all__ = ["Observer", "PendingRequest"]

Observer: TypeAlias = Callable[[object, BaseException | None], None]


class PendingRequest(Envelope):
    """The envelope of a request, where its reply is put as well.

    It has a future only if its caller must wait, and a PID for replies only if
    somebody asks for its sender: within a process most replies are there before.
    """

    __slots__ = (
        "_requests",
        "_sender",
        "answered",
        "error",
        "future",
        "id",
        "observer",
        "reply",
        "target",
        "timeout",
    )

    reply: object

    def __init__(
        self,
        requests: Requests,
        target: PID,
        message: object,
        headers: Mapping[str, str] | None,
        deadline: float,
        timeout: float,
    ) -> None:
        self._requests = requests
        self.message = message
        self.headers = headers
        self.deadline = deadline
        self.state = QUEUED
        self.id = 0
        """Of the PID that replies are sent to; 0 until somebody wants that."""
        self.target = target
        self.timeout = timeout
        self.future: asyncio.Future[None] | None = None
        self.observer: Observer | None = None
        """Hears how the request ended; tracing sets it."""
        self.answered = False
        """Whether the reply has come, or an error instead."""
        self.error: BaseException | None = None

    @property
    def sender(self) -> PID:  # type: ignore[override] # found out when asked for
        """Where replies are sent to."""
        if not self.id:
            self._sender = self._requests.address_of(self)
        return self._sender

    @property
    def envelope(self) -> Envelope:
        return self

    def answer(self, reply: object) -> None:
        """Take the reply; a later one changes nothing."""
        if not self.answered:
            self.answered = True
            self.reply = reply
            if self.future is not None and not self.future.done():
                self.future.set_result(None)

    def fail(self, error: BaseException) -> None:
        """Let the caller have this error, unless there is a reply already."""
        if not self.answered:
            self.error = error
            self.answer(None)
