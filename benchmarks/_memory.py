"""How much memory this process uses."""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["resident"]


def resident() -> int:
    """Bytes of this process that are in memory (Linux)."""
    pages = Path("/proc/self/statm").read_text().split()[1]
    return int(pages) * os.sysconf("SC_PAGE_SIZE")
