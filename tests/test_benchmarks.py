"""The benchmarks run, compare, and say what they could not do."""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent


EACH_KIND = (
    *("local-tell", "local-ask", "local-spawn-10k", "local-grain-warm"),
    *("cross-ask-100", "cross-tell", "cross-grain-first", "grain-overhead-100"),
    "start-import",
)


def benchmarks(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "benchmarks", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=400,
        check=False,
    )


def test_workloads_of_every_kind_have_a_result(tmp_path: Path) -> None:
    saved = tmp_path / "results.json"
    options = ("--repetitions", "1", "--scale", "0.01", "--json", str(saved))
    ran = benchmarks(*options, *EACH_KIND)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    results = json.loads(saved.read_text())["results"]
    assert [result["workload"] for result in results] == list(EACH_KIND)
    assert [result for result in results if not result["median"]] == []


def test_a_checkout_can_be_compared_with_another_and_peers_may_be_absent() -> None:
    ran = benchmarks(
        *("--repetitions", "2", "--scale", "0.01", "--peers"),
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
