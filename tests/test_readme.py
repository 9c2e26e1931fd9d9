"""The README's example is a file of `examples/`, and prints what the README says."""

import re
import socket
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()

commands = re.findall(r"^```sh\n(.*?)^```", README, re.DOTALL | re.MULTILINE)
snippets = re.findall(r"^```python\n(.*?)^```", README, re.DOTALL | re.MULTILINE)


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def test_shows_the_two_commands_on_lines_of_their_own() -> None:
    start = "python3 -m venv .venv && .venv/bin/pip install hatch && "
    assert commands[0].splitlines() == [
        f"{start}.venv/bin/hatch run demo",
        ".venv/bin/hatch run test",
    ]


def test_shows_one_example() -> None:
    assert len(snippets) == 1


def test_example_is_the_file_it_names() -> None:
    assert snippets[0] == (ROOT / "examples" / "counter.py").read_text()


def test_example_prints_what_the_readme_says(tmp_path: Path) -> None:
    program = tmp_path / "counter.py"
    program.write_text(snippets[0].replace("6331", str(free_port())))
    command = [sys.executable, "-W", "error", str(program)]
    ran = subprocess.run(
        command, capture_output=True, text=True, timeout=60, check=False
    )
    assert (ran.stdout, ran.stderr, ran.returncode) == ("5\n", "", 0)
