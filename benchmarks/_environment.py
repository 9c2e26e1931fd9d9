"""The environment that other libraries are installed in."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

__all__ = ["peers_are_here", "run_beside_peers"]

ROOT = Path(__file__).parent.parent


def peers_are_here() -> bool:
    """Whether this Python has the dependency group `peers`."""
    return importlib.util.find_spec("pykka") is not None


def run_beside_peers(arguments: Sequence[str]) -> int:
    """Run all this in the environment `bench` of the same Python; its exit code."""
    hatch = shutil.which("hatch") or shutil.which("hatch", path=ROOT / ".venv" / "bin")
    if hatch is None:
        sys.exit("--peers needs `hatch` on PATH, or `hatch run bench.py3.11:run`")
    environment = "bench.py{}.{}".format(*sys.version_info)
    command = [hatch, "run", f"{environment}:run", *arguments]
    return subprocess.run(command, cwd=ROOT).returncode
