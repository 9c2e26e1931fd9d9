"""The plugin under buf, for who has it: `BUF=/path/to/buf pytest packages/codegen`."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

TESTS = Path(__file__).parent


@pytest.mark.buf
def test_buf_generates_the_golden_contracts(
    protos: Path, plugin: Path, tmp_path: Path
) -> None:
    project = shutil.copytree(protos, tmp_path / "project")
    settings = {
        "version": "v2",
        "plugins": [{"local": str(plugin), "out": str(tmp_path / "out")}],
    }
    template = json.dumps(settings)
    done = subprocess.run(
        [os.environ["BUF"], "generate", "--template", template],
        cwd=project,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    written = texts(tmp_path / "out", "")
    assert written == texts(TESTS / "golden", ".txt")


def texts(folder: Path, suffix: str) -> dict[str, str]:
    files = folder.rglob(f"*_grains.py{suffix}")
    return {
        file.relative_to(folder).as_posix().removesuffix(suffix): file.read_text(
            "utf-8"
        )
        for file in files
    }
