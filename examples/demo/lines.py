"""JSON lines on standard output: how the demo's processes talk to the screen."""

from __future__ import annotations

import json
import sys
from typing import Any


def write(event: str, **values: Any) -> None:
    sys.stdout.write(json.dumps({"event": event, **values}) + "\n")
    sys.stdout.flush()


def read(line: bytes) -> dict[str, Any] | None:
    """What one line says; `None` for lines that are something else."""
    try:
        value: dict[str, Any] = json.loads(line)
    except ValueError:
        return None
    return value if "event" in value else None
