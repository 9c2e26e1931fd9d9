"""A context for work that goes on after the turn of its message."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from protoactor import PID, Context, Envelope

__all__ = ["LaterContext"]


class LaterContext:
    """The context that it was made from, with the message of that moment."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self.message: Any = context.message
        self.envelope: Envelope | None = context.envelope
        self.sender: PID | None = context.sender
        self.headers: Mapping[str, str] = context.headers

    def __getattr__(self, name: str) -> Any:
        return getattr(self._context, name)

    @property
    def remaining(self) -> float | None:
        deadline = self.envelope.deadline if self.envelope else None
        return None if deadline is None else deadline - self.system.loop.time()

    def respond(
        self, message: object, *, headers: Mapping[str, str] | None = None
    ) -> None:
        if self.sender is None:
            self.system.dead_letter(None, message, "no sender to respond to")
        else:
            self._context.send(self.sender, message, headers=headers)

    def forward(self, target: PID) -> None:
        self._context.system.deliver(target, self.envelope or self.message)
