"""What is measured: one module of this package per workload."""

from __future__ import annotations

import importlib
import pkgutil
from dataclasses import dataclass
from pathlib import Path

from benchmarks._figure import Run

__all__ = ["OURS", "Target", "Workload", "workloads"]

OURS = "protoactor"


@dataclass(frozen=True, slots=True)
class Target:
    """How many times the peer's figure ours is to be; at most, if less is better."""

    ratio: float
    peer: str


@dataclass(frozen=True, slots=True)
class Workload:
    """A figure, and how to measure it in a process of one's own."""

    name: str
    unit: str
    run: Run
    target: Target | None = None
    limit: float | None = None
    """An absolute bound on the figure, where less is better."""
    floor: float | None = None
    """An absolute bound on the figure, where more is better."""

    repetitions: int | None = None
    """Where fewer than usual are enough, since it takes long."""
    timeout: float = 180.0
    """Seconds for one measurement at scale 1."""

    @property
    def less_is_better(self) -> bool:
        return self.limit is not None


def workloads() -> dict[str, Workload]:
    """Every workload by name, as the modules beside this one define them."""
    names = [
        module.name for module in pkgutil.iter_modules([str(Path(__file__).parent)])
    ]
    modules = [
        importlib.import_module(f"benchmarks.{name}")
        for name in names
        if not name.startswith("_") and name != "peers"
    ]
    found: list[Workload] = [load for module in modules for load in module.WORKLOADS]
    return {workload.name: workload for workload in found}
