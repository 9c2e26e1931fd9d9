"""The generated code that examples/pingpong keeps under version control."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Protoc = Callable[..., subprocess.CompletedProcess[str]]

EXAMPLE = Path(__file__).parents[3] / "examples" / "pingpong"


@pytest.fixture(scope="module")
def fresh(protoc: Protoc, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same files, written now."""
    out = tmp_path_factory.mktemp("pingpong")
    done = protoc(EXAMPLE, out, "protos.proto")
    assert done.returncode == 0, done.stderr
    return out


def descriptor(folder: Path) -> str:
    """The schema in a folder's protos_pb2.py, as hex."""
    code = "import protos_pb2; print(protos_pb2.DESCRIPTOR.serialized_pb.hex())"
    command = [sys.executable, "-W", "error", "-c", code]
    return subprocess.check_output(command, cwd=folder, text=True, timeout=60)


@pytest.mark.parametrize("name", ["protos_grains.py", "protos_pb2.pyi"])
def test_the_checked_in_text_is_what_the_tools_write_now(
    fresh: Path, name: str
) -> None:
    assert (EXAMPLE / name).read_text() == (fresh / name).read_text()


def test_the_checked_in_messages_are_those_of_the_proto(fresh: Path) -> None:
    """Not by text: it names the version of protoc, which is older than the newest."""
    assert descriptor(EXAMPLE) == descriptor(fresh)
