"""The clock of threads."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import TypeAlias

__all__ = ["Clock", "now"]

Clock: TypeAlias = Callable[[], float]

# A lease goes on ending while this machine is suspended; Linux's plain monotonic
# clock stands still.
now: Clock = (
    partial(time.clock_gettime, time.CLOCK_BOOTTIME)
    if hasattr(time, "CLOCK_BOOTTIME")
    else time.monotonic
)
"""Seconds, monotonic, counting the time a machine is suspended where it can."""
