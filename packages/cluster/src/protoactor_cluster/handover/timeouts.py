"""How long a hand-over waits for others."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["HandoverTimeouts"]


@dataclass(frozen=True, slots=True)
class HandoverTimeouts:
    """Seconds that a hand-over waits for others."""

    barrier: float = 10.0
    """For all members to be ready; then it pulls all the same."""
    answers: float = 10.0
    """For all answers, from the first question on; then waiting requests go on."""
    idle: float = 2.0
    """Without a chunk from a member, until it is asked again."""
    retry: float = 0.2
    """Until a member is asked again that could not be reached."""
