"""The command itself, when it is not protoc who runs it."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., subprocess.CompletedProcess[bytes]]


@pytest.fixture
def run(plugin: Path) -> Run:
    def run(*arguments: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            [plugin, *arguments],
            input=stdin,
            capture_output=True,
            timeout=60,
            check=False,
        )

    return run


def test_proto_path_is_the_root_of_the_options_file(run: Run) -> None:
    root = Path(run("--proto-path").stdout.decode().strip())
    assert (root / "protoactor_codegen" / "wire" / "options.proto").exists()


def test_arguments_are_answered_with_how_to_run_it(run: Run) -> None:
    done = run("hello.proto")
    assert done.returncode == 1
    assert b"python -m grpc_tools.protoc" in done.stderr


def test_garbage_on_stdin_is_an_error_in_one_line(run: Run) -> None:
    done = run(stdin=b"hello")
    assert (done.returncode, done.stdout) == (1, b"")
    assert b"no CodeGeneratorRequest on stdin" in done.stderr
    assert done.stderr.count(b"\n") == 1
