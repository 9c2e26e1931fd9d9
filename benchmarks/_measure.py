"""One measurement, as a process of its own: CONTENDER WORKLOAD SCALE."""

from __future__ import annotations

import importlib
import json
import sys

from benchmarks._figure import Figure, Run
from benchmarks._workload import OURS, workloads

__all__ = ["Unsupported", "peer_workloads"]


class Unsupported(Exception):
    """The contender cannot run here; says why."""


def peer_workloads(peer: str) -> dict[str, Run]:
    """What a peer has by name of workload; raises `Unsupported`."""
    if peer == "casty" and sys.version_info < (3, 12):
        raise Unsupported("needs Python 3.12 or newer")
    try:
        module = importlib.import_module(f"benchmarks.peers.{peer}")
    except ImportError as error:
        raise Unsupported(
            f"not installed ({error}): dependency group `peers`"
        ) from None
    found: dict[str, Run] = module.WORKLOADS
    return found


def measure(contender: str, workload: str, scale: float) -> dict[str, object]:
    """The figure, or why there is none."""
    if contender in (OURS, "baseline"):
        return fields(workloads()[workload].run(scale))
    try:
        found = peer_workloads(contender)
    except Unsupported as error:
        return {"skipped": str(error)}
    if workload not in found:
        return {"skipped": "has nothing to compare"}
    return fields(found[workload](scale))


def fields(figure: float | Figure) -> dict[str, object]:
    if isinstance(figure, Figure):
        return {"value": figure.value, "details": dict(figure.details)}
    return {"value": figure}


if __name__ == "__main__":
    print(json.dumps(measure(sys.argv[1], sys.argv[2], float(sys.argv[3]))), flush=True)
