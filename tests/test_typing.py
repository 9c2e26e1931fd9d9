"""Wrong programs are rejected by both type checkers, where they are wrong."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
PROGRAMS = sorted((HERE / "typing").glob("*.py"))


def marked(program: Path) -> set[int]:
    lines = program.read_text().splitlines()
    return {number for number, line in enumerate(lines, 1) if line.endswith("# wrong")}


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda path: path.stem)
def test_mypy_rejects(program: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "mypy", "--strict", "--no-error-summary"]
    command += ["--config-file=", f"--cache-dir={tmp_path}", str(program)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    found = re.findall(r":(\d+): error: ", ran.stdout)
    assert {int(line) for line in found} == marked(program), ran.stdout


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda path: path.stem)
def test_pyright_rejects(program: Path, tmp_path: Path) -> None:
    settings = tmp_path / "pyrightconfig.json"
    settings.write_text('{"typeCheckingMode": "strict"}')
    copy = tmp_path / program.name
    copy.write_text(program.read_text())
    command = [sys.executable, "-m", "pyright", "--outputjson", "--project"]
    command += [str(settings), "--pythonpath", sys.executable]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    problems = json.loads(ran.stdout)["generalDiagnostics"]
    errors = [one for one in problems if one["severity"] == "error"]
    found = {one["range"]["start"]["line"] + 1 for one in errors}
    assert found == marked(program), [one["message"] for one in errors]
