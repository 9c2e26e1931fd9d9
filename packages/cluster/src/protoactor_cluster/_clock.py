"""The clock of threads."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeAlias

__all__ = ["Clock", "now"]

Clock: TypeAlias = Callable[[], float]

# A lease goes on ending while this machine is suspended; Linux's plain monotonic
# clock stands still.
_CLOCK_ID: int | None = getattr(time, "CLOCK_BOOTTIME", None)


def now() -> float:
    """Seconds, monotonic, counting the time a machine is suspended where it can."""
    return time.monotonic() if _CLOCK_ID is None else time.clock_gettime(_CLOCK_ID)
