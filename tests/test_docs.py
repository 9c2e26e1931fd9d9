"""The documentation's Python is Python, and its programs run."""

import ast
import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGES = sorted(ROOT.glob("docs/**/*.md"))
PROGRAM = re.compile(
    r"^```python\n(?P<code>.*?)^```\n"
    r"(\nIt prints:\n\n```text\n(?P<output>.*?)^```\n)?",
    re.DOTALL | re.MULTILINE,
)
PORT = re.compile(r"\b6\d{3}\b")
ENVIRONMENT = os.environ | {"PYTHONPATH": str(ROOT / "examples" / "pingpong")}
SNIPPETS = [
    pytest.param(found["code"], found["output"], id=f"{page.stem}-{number}")
    for page in PAGES
    for number, found in enumerate(PROGRAM.finditer(page.read_text()), 1)
]


def test_there_are_pages() -> None:
    assert ROOT / "docs" / "index.md" in PAGES


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_page_is_in_the_navigation(page: Path) -> None:
    name = page.relative_to(ROOT / "docs").as_posix()
    assert re.search(
        rf"[ :]{re.escape(name)}$", (ROOT / "mkdocs.yml").read_text(), re.MULTILINE
    )


@pytest.mark.parametrize("folder", sorted((ROOT / "packages").glob("[!.]*")))
def test_every_package_has_its_page(folder: Path) -> None:
    """A reference from its docstrings; the codegen plugin, a command, has a how-to."""
    command = "how-to/generate-grain-contracts.md"
    page = command if folder.name == "codegen" else f"reference/{folder.name}.md"
    assert ROOT / "docs" / page in PAGES


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_page_says_something(page: Path) -> None:
    title, _, body = page.read_text().partition("\n")
    assert title.startswith("# ")
    assert len(body.split()) > 5


@pytest.mark.parametrize(("code", "output"), SNIPPETS)
def test_program_prints_what_the_page_says(
    code: str, output: str | None, tmp_path: Path
) -> None:
    """A snippet with `await` outside a function is a part of one: it only compiles."""
    if not stands_alone(code):
        compile(code, "snippet", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
        return
    program = tmp_path / "program.py"
    program.write_text(with_free_ports(code))
    command = [sys.executable, "-W", "error", str(program)]
    ran = subprocess.run(
        command,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env=ENVIRONMENT,
    )
    assert ran.returncode == 0, ran.stderr
    assert output is None or ran.stdout == output


def with_free_ports(code: str) -> str:
    """The same program beside others that use the ports it names."""
    listeners = {port: socket.socket() for port in sorted(set(PORT.findall(code)))}
    for port, listener in listeners.items():
        listener.bind(("127.0.0.1", 0))
        code = code.replace(port, str(listener.getsockname()[1]))
    for listener in listeners.values():
        listener.close()
    return code


def stands_alone(code: str) -> bool:
    try:
        compile(code, "snippet", "exec")
    except SyntaxError:
        return False
    return True


GUARANTEES = (ROOT / "docs" / "explanation" / "guarantees.md").read_text()
NAMED = re.compile(r"`((?:packages|integration|tests)/[^`]+)`")
STATUS = re.compile(r"\| (planned|partly: .+|in place: (`[^`]+`)(, `[^`]+`)*) \|$")


def promises() -> list[str]:
    rows = [line for line in GUARANTEES.splitlines() if line.startswith("| ")]
    return [row for row in rows if not row.endswith("status |")]


@pytest.mark.parametrize("row", promises(), ids=lambda row: row[2:42])
def test_promise_has_a_status_and_its_tests_exist(row: str) -> None:
    """`in place: path` or `path::test` names what fails when it is broken."""
    status = STATUS.search(row)
    assert status, f"end the row in planned, partly: ..., or in place: `test`: {row}"
    for path, _, test in (n.partition("::") for n in NAMED.findall(status.group(1))):
        assert f"def {test}" in (ROOT / path).read_text()
