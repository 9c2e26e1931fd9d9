"""Measures the figures of `docs/explanation/guarantees.md` on this machine.

`hatch run figures [--long] [--json FILE] [NAME...]`; about four minutes, with `--long`
six.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import time
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from cluster_shop import automanaged, in_etcd
from etcd_server import run_cluster, run_server
from fault_scenarios import (
    MEMBERS,
    freeze_member,
    heal_split,
    kill_member,
    lose_leader,
    restart_all,
    take_provider_down,
)

Measure = Callable[[bool], Awaitable[Any]]


async def _rolling_etcd(long: bool) -> Any:
    with run_server() as server:
        return await restart_all(in_etcd([server.endpoint]))


async def _killed_etcd(long: bool) -> Any:
    with run_server() as server:
        return await kill_member(in_etcd([server.endpoint]))


async def _killed_etcd_fast(long: bool) -> Any:
    with run_server() as server:
        return await kill_member(in_etcd([server.endpoint]), detection="fast")


async def _outage(long: bool) -> Any:
    with run_server() as server:
        return await take_provider_down(server, 60.0 if long else 10.0)


async def _outage_wiped(long: bool) -> Any:
    with run_server() as server:
        return await take_provider_down(server, 60.0 if long else 10.0, wiped=True)


async def _leader(long: bool) -> Any:
    with run_cluster() as nodes:
        return await lose_leader(nodes)


async def _frozen(long: bool) -> Any:
    with run_server() as server:
        return await freeze_member(in_etcd([server.endpoint]), 9.0)


FIGURES: dict[str, Measure] = {
    "rolling-restart-automanaged": lambda _: restart_all(automanaged(MEMBERS)),
    "rolling-restart-etcd": _rolling_etcd,
    "kill-automanaged": lambda _: kill_member(automanaged(MEMBERS)),
    "kill-automanaged-fast": lambda _: kill_member(
        automanaged(MEMBERS), detection="fast"
    ),
    "kill-etcd": _killed_etcd,
    "kill-etcd-fast": _killed_etcd_fast,
    "partition-automanaged": lambda _: heal_split(),
    "outage-etcd": _outage,
    "outage-etcd-wiped": _outage_wiped,
    "leader-etcd": _leader,
    "frozen-etcd": _frozen,
}


async def main(options: argparse.Namespace) -> None:
    for name in options.names or FIGURES:
        began = time.monotonic()
        figures = asdict(await FIGURES[name](options.long))
        line = "  ".join(f"{key}={_short(value)}" for key, value in figures.items())
        print(f"{name}: {line}  ({time.monotonic() - began:.0f} s)", flush=True)
        if options.json is not None:
            save(options.json, name, figures)


def save(path: Path, name: str, figures: dict[str, Any]) -> None:
    """Add to what was measured before."""
    saved: dict[str, Any] = {"figures": {}}
    if path.exists():
        saved = json.loads(path.read_text())
    saved["machine"] = {"python": platform.python_version(), "cpus": os.cpu_count()}
    saved["figures"][name] = figures
    path.write_text(f"{json.dumps(saved, indent=2)}\n")


def _short(value: object) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--long", action="store_true", help="outages of a minute")
    parser.add_argument("--json", type=Path, metavar="FILE")
    chosen = parser.parse_args()
    if unknown := set(chosen.names) - FIGURES.keys():
        parser.error(f"no figure {unknown.pop()!r}: choose from {', '.join(FIGURES)}")
    asyncio.run(main(chosen))
