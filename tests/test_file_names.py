"""File names that every file system and every reader can tell apart."""

import subprocess
from pathlib import Path

ROOT = Path(__file__).parent.parent


def committed() -> list[str]:
    command = ["git", "ls-files", "-z"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return [name for name in listed.stdout.decode().split("\0") if name]


def test_are_ascii_without_spaces() -> None:
    names = committed()
    assert names
    assert [name for name in names if not name.isascii() or " " in name] == []


def test_differ_by_more_than_case() -> None:
    names = committed()
    assert len({name.lower() for name in names}) == len(names)


def test_no_module_is_a_drawer_for_everything() -> None:
    drawers = {"utils.py", "helpers.py", "base.py", "common.py", "misc.py"}
    assert [name for name in committed() if Path(name).name in drawers] == []
