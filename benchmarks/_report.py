"""Results as a table for people and as JSON for programs."""

from __future__ import annotations

import json
import os
import platform
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks._contest import Result
from benchmarks._workload import OURS, Workload

__all__ = ["report", "save"]


def report(workload: Workload, results: Sequence[Result]) -> str:
    """A few lines: every contender's median and range, and ours compared to it."""
    ours = next(result for result in results if result.contender == OURS)
    lines = [
        f"{workload.name} ({workload.unit})",
        *(f"  {result.contender:<12}{_line(result, ours)}" for result in results),
    ]
    if verdict := _verdict(workload, ours, results):
        lines.append(f"  {verdict}")
    return "\n".join(lines)


def _line(result: Result, ours: Result) -> str:
    if result.skipped:
        return f"skipped: {result.skipped}"
    low, high = min(result.values), max(result.values)
    text = f"{_number(result.median):>14}   [{_number(low)} .. {_number(high)}]"
    if result is not ours and ours.values:
        text += f"   {OURS} is {ours.median / result.median:.2f}x"
    for name, value in result.median_details.items():
        text += f"   {name} {_number(value)}"
    return text


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _verdict(workload: Workload, ours: Result, results: Sequence[Result]) -> str:
    if not ours.values:
        return "no result"
    if workload.limit is not None:
        held = ours.median <= workload.limit
        return f"{_word(held)}: at most {_number(workload.limit)} {workload.unit}"
    if workload.floor is not None:
        held = ours.median >= workload.floor
        return f"{_word(held)}: at least {_number(workload.floor)} {workload.unit}"
    target = workload.target
    peers = [r for r in results if target and r.contender == target.peer and r.values]
    if target is None or not peers:
        return ""
    held = ours.median / peers[0].median >= target.ratio
    return f"{_word(held)}: at least {target.ratio:g}x {target.peer}"


def _word(held: bool) -> str:
    return "target held" if held else "TARGET MISSED"


def save(path: Path, results: Sequence[Result]) -> None:
    """Write all values, with what they were measured on."""
    machine = {
        "python": platform.python_version(),
        "implementation": sys.implementation.name,
        "machine": platform.platform(),
        "cpus": os.cpu_count(),
    }
    measured = [
        {
            "workload": result.workload,
            "contender": result.contender,
            "median": result.median if result.values else None,
            "values": result.values,
            "details": result.median_details or None,
            "skipped": result.skipped or None,
        }
        for result in results
    ]
    text = json.dumps({"machine": machine, "results": measured}, indent=2)
    path.write_text(f"{text}\n")
