"""What a command has found out: for programs, and for people."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from rich.console import Console, RenderableType

__all__ = ["Result", "duration"]

UNITS = (("d", 86400), ("h", 3600), ("min", 60), ("s", 1))


@dataclass(frozen=True, slots=True)
class Result:
    """The same twice, and the exit code that it means."""

    data: Any
    shown: Sequence[RenderableType] = field(default_factory=list[RenderableType])
    code: int = 0

    def print(self, console: Console, *, as_json: bool) -> None:
        if as_json:
            print(json.dumps(self.data, indent=2))
            return
        for part in self.shown:
            console.print(part)


def duration(seconds: float) -> str:
    """In the unit that people would use.

    >>> duration(0.0123), duration(4.2), duration(200), duration(90000)
    ('12 ms', '4.2 s', '3 min 20 s', '1 d 1 h')
    """
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 60:
        return f"{seconds:.1f} s"
    left, parts = int(seconds), list[str]()
    for unit, size in UNITS:
        count, left = divmod(left, size)
        if count or parts:
            parts.append(f"{count} {unit}")
    return " ".join(parts[:2])
