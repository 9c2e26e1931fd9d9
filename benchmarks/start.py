"""How long a program takes to start: imports, and the demo's member to its first reply."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from pathlib import Path

from benchmarks._figure import Figure
from benchmarks._other_process import free_port
from benchmarks._workload import Workload
from protoactor_cluster import Grain, connect
from protoactor_provider_automanaged import AutomanagedProvider

DEMO = Path(__file__).parent.parent / "examples" / "demo"
PACKAGES = ("protoactor", "protoactor_remote", "protoactor_cluster")
TIMED = """
import time
started = time.perf_counter()
import {}
print(time.perf_counter() - started)
"""
POLL = 0.05
"""Seconds between this process's looks whether the member is there."""


class Ponger(Grain):
    """What this process has to know of the demo's grain."""

    async def ping(self) -> dict[str, str | float | int]: ...  # type: ignore[empty-body]


def seconds_to_import(package: str) -> float:
    """In a process of its own, with whatever the package imports itself."""
    command = [sys.executable, "-c", TIMED.format(package)]
    return float(subprocess.check_output(command))


def run_import(scale: float) -> Figure:
    taken = {f"{name} ms": seconds_to_import(name) * 1000 for name in PACKAGES}
    return Figure(taken[f"{PACKAGES[-1]} ms"], taken)


async def first_reply(port: int) -> float:
    """Milliseconds from starting the member to an answer of one of its grains."""
    host = f"127.0.0.1:{port}"
    provider = AutomanagedProvider([host], interval=POLL)
    async with connect("demo", provider=provider) as cluster:
        started = time.perf_counter()
        member = await asyncio.create_subprocess_exec(
            sys.executable,
            str(DEMO / "member.py"),
            f"automanaged://{host}?port={port}",
            stdout=subprocess.DEVNULL,
        )
        try:
            await cluster.grain(Ponger, "first", timeout=120.0).ping()
            return (time.perf_counter() - started) * 1000
        finally:
            if member.returncode is None:
                member.terminate()
            await member.wait()


def run_first_reply(scale: float) -> float:
    return asyncio.run(first_reply(free_port()))


WORKLOADS = [
    Workload("start-import", "ms", run_import),
    Workload("start-first-reply", "ms", run_first_reply),
]
