"""The grain of the fault tests: counts, and says which activation of it answered."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from protoactor_cluster import Grain

__all__ = ["Receipt", "Tally"]


@dataclass(frozen=True, slots=True)
class Receipt:
    member: str
    """Id of the member that answered."""
    activation: str
    count: int
    """Calls that this activation has answered: its state."""


class Tally(Grain, idle_timeout=600.0):
    def __init__(self) -> None:
        self._activation = secrets.token_hex(6)
        self._count = 0

    async def add(self) -> Receipt:
        self._count += 1
        self.note_call()
        return Receipt(self.cluster.member_id, self._activation, self._count)

    def note_call(self) -> None:
        """For a kind that wants to know when a handler starts."""

    @property
    def activation(self) -> str:
        return self._activation
