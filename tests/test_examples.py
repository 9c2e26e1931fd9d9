"""Every program of `examples/` runs to its end, without a warning."""

import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parent.parent / "examples"
PROGRAMS = [p for p in sorted(EXAMPLES.glob("*.py")) if "asyncio.run(" in p.read_text()]


def test_there_are_examples() -> None:
    assert EXAMPLES / "hello.py" in PROGRAMS


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda path: path.stem)
def test_runs_to_its_end(program: Path) -> None:
    command = [sys.executable, "-W", "error", str(program)]
    ran = subprocess.run(
        command, capture_output=True, text=True, timeout=60, check=False
    )
    assert (ran.returncode, ran.stderr) == (0, "")
