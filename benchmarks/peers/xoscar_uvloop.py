"""xoscar between processes that run on uvloop, as it suggests."""

from __future__ import annotations

import uvloop  # noqa: F401 - without it there is nothing to measure

from benchmarks.peers._xoscar_cross import across

WORKLOADS = across("uvloop")
