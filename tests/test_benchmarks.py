"""The benchmarks run, compare, and say what they could not do."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


EACH_KIND = (
    *("local-tell", "local-ask-100", "local-spawn-10k", "local-memory"),
    *("cross-ask-100", "cross-grain-warm-100", "start-import"),
)


def benchmarks(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "benchmarks", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


@pytest.mark.parametrize("workload", EACH_KIND)
def test_a_workload_has_a_result(workload: str, tmp_path: Path) -> None:
    saved = tmp_path / "results.json"
    options = ("--repetitions", "1", "--scale", "0.01", "--json", str(saved))
    ran = benchmarks(*options, workload)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    (result,) = json.loads(saved.read_text())["results"]
    assert result["workload"] == workload
    assert result["median"] > 0


def test_a_checkout_can_be_compared_with_another_and_peers_may_be_absent() -> None:
    ran = benchmarks(
        *("--repetitions", "2", "--scale", "0.01", "--peers", "--here"),
        *("--against", str(ROOT), "local-tell"),
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    lines = ran.stdout.splitlines()
    assert lines[0] == "local-tell (messages/s)"
    assert "protoactor is" in next(line for line in lines if "baseline" in line)
    assert {line.split()[0] for line in lines} >= {"casty", "pykka", "thespian"}


def test_an_unknown_workload_is_named_with_the_known_ones() -> None:
    ran = benchmarks("local-tale")
    assert ran.returncode == 1
    assert "'local-tale': choose from" in ran.stderr
    assert "local-tell" in ran.stderr
