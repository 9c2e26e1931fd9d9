"""What a measurement yields."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

__all__ = ["Figure", "Run", "latencies"]


@dataclass(frozen=True, slots=True)
class Figure:
    """The figure itself, and others that belong to it."""

    value: float
    details: Mapping[str, float] = field(default_factory=dict[str, float])


Run: TypeAlias = Callable[[float], float | Figure]
"""Given a scale (1.0 takes about a second), measures once."""


def latencies(seconds: Sequence[float]) -> dict[str, float]:
    """The median and the slowest of a hundred, in microseconds."""
    ordered = sorted(seconds)
    return {
        f"p{percent} us": ordered[len(ordered) * percent // 100] * 1e6
        for percent in (50, 99)
    }
