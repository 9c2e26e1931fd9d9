"""What a PID resolves to."""

from __future__ import annotations

from typing import Protocol

from protoactor._pid import PID
from protoactor._system_messages import SystemMessage

__all__ = ["Process"]


class Process(Protocol):
    """Takes messages for a PID: an actor, a pending request, a remote address.

    Both methods only enqueue: they never run a handler and never block.
    """

    def post(self, target: PID, item: object) -> None:
        """Take a user message: the bare message or an `Envelope`."""
        ...

    def post_system(self, target: PID, message: SystemMessage) -> None:
        """Take a system message; it overtakes user messages."""
        ...
