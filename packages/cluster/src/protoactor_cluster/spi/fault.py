"""What a call to a membership service can end in."""

from __future__ import annotations

__all__ = ["Evicted", "Fault", "Refused", "Unavailable"]


class Fault(Exception):
    """A call that failed at one endpoint."""

    def __init__(self, endpoint: str, reason: str) -> None:
        self.endpoint = endpoint
        self.reason = reason
        super().__init__(f"{endpoint}: {reason}")


class Unavailable(Fault):
    """No answer, or none that helps: try again, perhaps elsewhere."""


class Refused(Fault):
    """The service answered that we may not."""


class Evicted(Exception):
    """The other members have dropped this one, or are bound to."""
