"""Settings that are times."""

from __future__ import annotations

import math

__all__ = ["positive_seconds"]


def positive_seconds(name: str, value: float) -> float:
    """The value, if it is one that time can take; otherwise a `ValueError`."""
    if not (math.isfinite(value) and value > 0):
        raise ValueError(f"{name} must be a positive number of seconds: {value}")
    return value
