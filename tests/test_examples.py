"""Every program of `examples/` runs to its end, without a warning."""

import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parent.parent / "examples"
WITH_FIXED_PORTS = {"counter.py"}  # test_readme runs it, on a free one
PROGRAMS = [
    program
    for program in sorted(EXAMPLES.glob("*.py"))
    if "asyncio.run(" in program.read_text() and program.name not in WITH_FIXED_PORTS
]


def test_there_are_examples() -> None:
    assert EXAMPLES / "hello.py" in PROGRAMS


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda path: path.stem)
def test_runs_to_its_end(program: Path) -> None:
    command = [sys.executable, "-W", "error", str(program)]
    ran = subprocess.run(
        command, capture_output=True, text=True, timeout=60, check=False
    )
    assert (ran.returncode, ran.stderr) == (0, "")
