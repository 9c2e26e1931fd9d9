"""Prometheus itself reads its rules and its configuration."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

pytestmark = pytest.mark.long
FOLDER = Path(__file__).parent.parent / "dashboards" / "prometheus"


@pytest.fixture
def promtool() -> str:
    found = shutil.which("promtool")
    if found is None:
        reason = "no promtool: Debian has it in the package prometheus"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return found


@pytest.mark.parametrize(
    "arguments", [("rules", "rules.yaml"), ("config", "prometheus.yaml")]
)
def test_promtool_accepts(promtool: str, arguments: tuple[str, str]) -> None:
    what, name = arguments
    command = [promtool, "check", what, str(FOLDER / name)]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=60.0)
    assert ran.returncode == 0, ran.stdout + ran.stderr
