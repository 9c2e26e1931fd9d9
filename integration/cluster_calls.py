"""What the calls of a client show."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import NamedTuple

__all__ = ["Call", "Calls", "percentile"]


class Call(NamedTuple):
    """One call; times are monotonic seconds."""

    name: str
    began: float
    ended: float
    error: str
    member: str
    activation: str
    total: int
    """Calls that this activation had answered."""

    @property
    def latency(self) -> float:
        return self.ended - self.began


class Calls(list[Call]):
    """Calls in the order in which they ended."""

    @property
    def failed(self) -> list[Call]:
        return [call for call in self if call.error]

    @property
    def answered(self) -> Calls:
        return Calls(call for call in self if not call.error)

    def to(self, names: Iterable[str]) -> Calls:
        wanted = set(names)
        return Calls(call for call in self if call.name in wanted)

    def p99(self) -> float:
        """Seconds."""
        return percentile((call.latency for call in self), 99)

    def hosted_by(self, member: str) -> set[str]:
        """The identities that lived on this member when they answered last."""
        last = {call.name: call.member for call in self.answered}
        return {name for name, host in last.items() if host == member}

    def back_after(self, moment: float) -> dict[str, float]:
        """Seconds from `moment` until each identity first answered a later call."""
        back: dict[str, float] = {}
        for call in sorted(self.answered, key=lambda call: call.ended):
            if call.began >= moment:
                back.setdefault(call.name, call.ended - moment)
        return back

    def activations(self) -> dict[str, list[str]]:
        """The activations of each identity that answered, oldest first."""
        found: dict[str, dict[str, None]] = {}
        for call in self.answered:
            found.setdefault(call.name, {})[call.activation] = None
        return {name: list(activations) for name, activations in found.items()}


def percentile(values: Iterable[float], percent: float) -> float:
    """The smallest value that so many percent do not exceed."""
    ordered = sorted(values)
    if not ordered:
        return math.nan
    return ordered[math.ceil(len(ordered) * percent / 100) - 1]
