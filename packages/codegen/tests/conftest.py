"""protoc with the plugin, run as users run it."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from collections.abc import Callable
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
PLUGIN = Path(sysconfig.get_path("scripts")) / "protoc-gen-protoactor"

Protoc = Callable[..., subprocess.CompletedProcess[str]]


def run_protoc(
    root: Path, out: Path, *arguments: str, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Compile files below `root` into `out`; further arguments go to protoc as is."""
    outputs = [f"--{kind}_out={out}" for kind in ("python", "pyi", "protoactor")]
    plugin = f"--plugin=protoc-gen-protoactor={PLUGIN}"
    command = [sys.executable, "-m", "grpc_tools.protoc", "-I.", plugin, *outputs]
    return subprocess.run(
        [*command, *arguments],
        cwd=root,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "buf: needs the buf command, named by $BUF")


def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> None:
    """Opting in to buf is by environment, so that nothing is reported as skipped."""
    if not os.environ.get("BUF"):
        chosen = [item for item in items if not item.get_closest_marker("buf")]
        config.hook.pytest_deselected(items=[i for i in items if i not in chosen])
        items[:] = chosen


@pytest.fixture(scope="session")
def plugin() -> Path:
    return PLUGIN


@pytest.fixture(scope="session")
def protoc() -> Protoc:
    return run_protoc


@pytest.fixture(scope="session")
def protos() -> Path:
    """The folder with the .proto files of these tests."""
    return TESTS / "protos"


@pytest.fixture(scope="session")
def proto_names(protos: Path) -> list[str]:
    files = sorted(protos.rglob("*.proto"))
    return [file.relative_to(protos).as_posix() for file in files]


@pytest.fixture(scope="session")
def generated(
    protos: Path, proto_names: list[str], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The folder with everything that is generated from all files in one run."""
    out = tmp_path_factory.mktemp("generated")
    done = run_protoc(protos, out, *proto_names)
    assert (done.returncode, done.stderr) == (0, "")
    return out
