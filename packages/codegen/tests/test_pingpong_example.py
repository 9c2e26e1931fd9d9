"""The generated code that examples/pingpong keeps under version control."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

Protoc = Callable[..., subprocess.CompletedProcess[str]]

EXAMPLE = Path(__file__).parents[3] / "examples" / "pingpong"


@pytest.fixture(scope="module")
def fresh(protoc: Protoc, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("pingpong")
    done = protoc(EXAMPLE, out, "protos.proto")
    assert done.returncode == 0, done.stderr
    return out


@pytest.mark.parametrize(
    "name", ["protos_pb2.py", "protos_pb2.pyi", "protos_grains.py"]
)
def test_the_checked_in_file_is_what_the_tools_write_now(
    fresh: Path, name: str
) -> None:
    assert (EXAMPLE / name).read_text() == (fresh / name).read_text()
