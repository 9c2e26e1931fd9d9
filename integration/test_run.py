"""`protoactor run`: real member processes, and how they end."""

from __future__ import annotations

import asyncio
import re
import signal
from pathlib import Path

import pytest
from programs import Program

APP = """
import asyncio
import os

from protoactor_cluster import Cluster, Grain

class Counter(Grain):
    async def add(self, amount: int) -> int:
        return amount

kinds = [Counter]
NUMBER = os.environ.get("PROTOACTOR_MEMBER")

async def met(cluster: Cluster) -> None:
    print(f"pid {NUMBER}={os.getpid()}", flush=True)
    while len(cluster.topology) < 3:
        await asyncio.sleep(0.05)
    added = await cluster.grain(Counter, NUMBER).add(2)
    print(f"member {NUMBER} added {added}", flush=True)

async def sleeping(cluster: Cluster) -> None:
    await met(cluster)
    try:
        await asyncio.sleep(3600)
    finally:
        print(f"member {NUMBER} is cancelled", flush=True)

async def waiting(cluster: Cluster) -> None:
    await met(cluster)
    await cluster.wait_closed()
    print(f"member {NUMBER} was told", flush=True)

async def deaf(cluster: Cluster) -> None:
    await met(cluster)
    while True:
        try:
            await asyncio.sleep(3600)
        except asyncio.CancelledError:
            print(f"member {NUMBER} does not care", flush=True)

async def failing(cluster: Cluster) -> None:
    print(f"member {NUMBER} runs", flush=True)
    if NUMBER == "2":
        raise SystemExit(7)
    await cluster.wait_closed()
    print(f"member {NUMBER} was told", flush=True)

async def passing(cluster: Cluster) -> None:
    print(f"member {NUMBER} passes", flush=True)
"""
LAUNCH = """
import sys
from protoactor_cli import app
app(["run", *sys.argv[1:]])
"""


@pytest.fixture
def launcher(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "app.py").write_text(APP)
    script = tmp_path / "launch.py"
    script.write_text(LAUNCH)
    monkeypatch.chdir(tmp_path)
    return script


async def all_have_met(program: Program) -> list[int]:
    """Their process ids, once each has called a grain."""
    for number in "123":
        await program.says(f"member {number} added 2", 60.0)
    return [int(pid) for pid in re.findall(r"pid \d=(\d+)", program.output)]


async def all_are_gone(pids: list[int]) -> None:
    async with asyncio.timeout(60.0):
        while any(map(is_running, pids)):  # noqa: ASYNC110 (others' processes)
            await asyncio.sleep(0.05)


def is_running(pid: int) -> bool:
    try:
        return (
            Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
        )
    except FileNotFoundError:
        return False


@pytest.mark.parametrize(
    ("number", "function", "says"),
    [
        (signal.SIGTERM, "sleeping", "is cancelled"),
        (signal.SIGINT, "waiting", "was told"),
    ],
)
async def test_a_signal_lets_every_member_leave(
    launcher: Path, number: signal.Signals, function: str, says: str
) -> None:
    async with Program(launcher, f"app:{function}", "--members", "3") as program:
        pids = await all_have_met(program)
        program.signal(number)
        assert await program.ended(60.0) == 0
        for member in "123":
            assert f"member {member} {says}" in program.output
        assert "Traceback" not in program.output
        assert not any(is_running(pid) for pid in pids)


async def test_members_that_end_by_themselves_end_the_run(launcher: Path) -> None:
    async with Program(launcher, "app:passing", "--members", "2") as program:
        assert await program.ended(60.0) == 0
        assert "member 1 passes" in program.output
        assert "member 2 passes" in program.output


async def test_one_that_fails_is_started_again_so_often_and_spoils_the_exit_code(
    launcher: Path,
) -> None:
    options = ("--members", "2", "--restarts", "1")
    async with Program(launcher, "app:failing", *options) as program:
        await program.says(r"(?s)(member 2 ended with exit code 7.*){2}", 60.0)
        await program.says("member 1 runs", 60.0)
        program.signal(signal.SIGTERM)
        assert await program.ended(60.0) == 1
        assert "member 1 was told" in program.output
        assert program.output.count("member 2 runs") == 2


async def test_a_second_signal_kills(launcher: Path) -> None:
    async with Program(launcher, "app:deaf", "--members", "3") as program:
        pids = await all_have_met(program)
        program.signal(signal.SIGINT)
        for number in "123":
            await program.says(f"member {number} does not care")
        program.signal(signal.SIGINT)
        assert await program.ended(60.0) == 1
        assert not any(is_running(pid) for pid in pids)


async def test_members_leave_when_their_runner_is_killed(launcher: Path) -> None:
    async with Program(launcher, "app:waiting", "--members", "3") as program:
        pids = await all_have_met(program)
        program.signal(signal.SIGKILL)
        await all_are_gone(pids)
        for number in "123":
            await program.says(f"member {number} was told")


async def test_the_url_of_the_environment_is_used(
    launcher: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROTOACTOR_CLUSTER_URL", "zeppelin://10.0.0.1")
    async with Program(launcher, "app:passing") as program:
        assert await program.ended(60.0) == 1
        assert "no 'zeppelin' in 'protoactor.cluster_providers'" in program.output
        assert "Traceback" not in program.output
