"""A request on its way."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import TypeAlias

from protoactor._envelope import QUEUED, Envelope
from protoactor._pid import PID
from protoactor.errors import ActorError

__all__ = ["Observer", "PendingRequest"]

Observer: TypeAlias = Callable[[object, BaseException | None], None]

MISSING = object()
FAILED = object()


class PendingRequest(Envelope):
    """The envelope of a request, where its reply is put as well.

    It has a future only if its caller must wait: within a process most replies are
    there before.
    """

    __slots__ = ("_error", "_reply", "future", "id", "observer", "target", "timeout")

    def __init__(
        self,
        id: int,
        target: PID,
        message: object,
        sender: PID,
        headers: Mapping[str, str] | None,
        deadline: float,
        timeout: float,
    ) -> None:
        self.message = message
        self.sender = sender
        self.headers = headers
        self.deadline = deadline
        self.state = QUEUED
        self.id = id
        self.target = target
        self.timeout = timeout
        self.future: asyncio.Future[None] | None = None
        self.observer: Observer | None = None
        """Hears how the request ended; tracing sets it."""
        self._reply: object = MISSING

    @property
    def envelope(self) -> Envelope:
        return self

    @property
    def answered(self) -> bool:
        """Whether the reply has come, or an error instead."""
        return self._reply is not MISSING

    @property
    def reply(self) -> object:
        """The reply; raises the error that came instead."""
        if self._reply is FAILED:
            raise self._error
        return self._reply

    def answer(self, reply: object) -> None:
        """Take the reply; a later one changes nothing."""
        if self._reply is MISSING:
            self._reply = reply
            if self.future is not None and not self.future.done():
                self.future.set_result(None)

    def fail(self, error: ActorError) -> None:
        """Let the caller have this error, unless there is a reply already."""
        if self._reply is MISSING:
            self._error = error
            self.answer(FAILED)
