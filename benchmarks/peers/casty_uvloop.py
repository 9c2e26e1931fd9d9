"""casty between processes that run on uvloop."""

from __future__ import annotations

import uvloop  # noqa: F401 - without it there is nothing to measure

from benchmarks.peers._casty_cross import across

WORKLOADS = across("uvloop")
