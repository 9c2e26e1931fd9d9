"""Runs contenders in turn, each measurement in a fresh process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks._workload import Workload

__all__ = ["BASELINE", "Contest", "Result"]

BASELINE = "baseline"
ROOT = Path(__file__).parent.parent


@dataclass(slots=True)
class Result:
    """What one contender reached in one workload."""

    workload: str
    contender: str
    values: list[float] = field(default_factory=list[float])
    details: list[dict[str, float]] = field(default_factory=list[dict[str, float]])
    """What else was measured each time, such as latencies."""
    skipped: str = ""

    @property
    def median(self) -> float:
        return median(self.values)

    @property
    def median_details(self) -> dict[str, float]:
        names = self.details[0] if self.details else {}
        return {name: median(d[name] for d in self.details) for name in names}


@dataclass(frozen=True, slots=True)
class Contest:
    """Contenders, and how often and how long each of them is measured."""

    contenders: Sequence[str]
    repetitions: int
    scale: float
    baseline: Path | None = None
    """Another checkout of this repository, to compare with."""

    def run(self, workload: Workload) -> Iterator[Result]:
        """The results of all contenders, which have taken turns."""
        results = [Result(workload.name, contender) for contender in self.contenders]
        for _ in range(min(self.repetitions, workload.repetitions or sys.maxsize)):
            for result in results:
                if not result.skipped:
                    self._measure(result, workload.timeout * max(self.scale, 1.0))
        yield from results

    def _measure(self, result: Result, timeout: float) -> None:
        command = [sys.executable, "-m", "benchmarks._measure"]
        command += [result.contender, result.workload, str(self.scale)]
        try:
            ran = subprocess.run(
                command,
                cwd=ROOT,
                env=self._environment(result.contender),
                capture_output=True,
                text=True,
                timeout=timeout,
                check=True,
            )
            found: dict[str, Any] = json.loads(ran.stdout.splitlines()[-1])
        except subprocess.TimeoutExpired:
            found = {"skipped": f"no result within {timeout:g} s"}
        except (subprocess.CalledProcessError, IndexError, ValueError) as error:
            found = {"skipped": f"failed: {_last_line(error)}"}
        if "value" in found:
            result.values.append(found["value"])
            if "details" in found:
                result.details.append(found["details"])
        else:
            result.skipped = found["skipped"]

    def _environment(self, contender: str) -> dict[str, str]:
        environment = dict(os.environ)
        if contender == BASELINE and self.baseline is not None:
            sources = [str(path) for path in self.baseline.glob("packages/*/src")]
            environment["PYTHONPATH"] = os.pathsep.join(sources)
        return environment


def _last_line(error: Exception) -> str:
    output = getattr(error, "stderr", "") or str(error)
    return output.strip().splitlines()[-1]
