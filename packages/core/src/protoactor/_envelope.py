"""A user message with what travels beside it."""

from __future__ import annotations

from collections.abc import Mapping

from protoactor._pid import PID

__all__ = ["QUEUED", "TAKEN", "WITHDRAWN", "Envelope"]

QUEUED, TAKEN, WITHDRAWN = range(3)


class Envelope:
    """A message, who sent it, its headers, and until when an answer is of use.

    `deadline` is in seconds of the loop's clock. `state` is how a caller that
    gives up withdraws a message that nobody has taken yet.
    """

    __slots__ = ("deadline", "headers", "message", "sender", "state")

    def __init__(
        self,
        message: object,
        sender: PID | None = None,
        headers: Mapping[str, str] | None = None,
        deadline: float | None = None,
    ) -> None:
        self.message = message
        self.sender = sender
        self.headers = headers
        self.deadline = deadline
        self.state = QUEUED

    def __repr__(self) -> str:
        return (
            f"Envelope({self.message!r}, sender={self.sender}, headers={self.headers})"
        )
