"""`python -m benchmarks [--peers] [--json FILE] [NAME...]`."""

from __future__ import annotations

import argparse
import pkgutil
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks import peers
from benchmarks._contest import BASELINE, Contest, Result
from benchmarks._environment import peers_are_here, run_beside_peers
from benchmarks._report import report, save
from benchmarks._workload import OURS, Workload, workloads


def main(arguments: Sequence[str] | None = None) -> None:
    """Run what was asked for; prints as it goes."""
    options = parser().parse_args(arguments)
    if options.peers and not options.here and not peers_are_here():
        sys.exit(run_beside_peers(sys.argv[1:] if arguments is None else arguments))
    contest = Contest(
        contenders(options), options.repetitions, options.scale, options.against
    )
    measured: list[Result] = []
    for workload in chosen(options.names):
        results = list(contest.run(workload))
        measured += results
        print(report(workload, results), flush=True)
    if options.json is not None:
        save(options.json, measured)
    if any(result.contender == OURS and result.skipped for result in measured):
        sys.exit(1)


def parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="default: all")
    parser.add_argument("--peers", action="store_true", help="measure peers as well")
    parser.add_argument("--here", action="store_true", help="install no peers")
    parser.add_argument("--json", type=Path, metavar="FILE", help="save all values")
    parser.add_argument("--repetitions", type=int, default=5, metavar="N")
    parser.add_argument("--scale", type=float, default=1.0, help="1.0: about 1 s each")
    parser.add_argument(
        "--against", type=Path, metavar="CHECKOUT", help="compare with its sources"
    )
    return parser


def contenders(options: argparse.Namespace) -> list[str]:
    found = [OURS]
    if options.against is not None:
        found.append(BASELINE)
    if options.peers:
        modules = pkgutil.iter_modules(peers.__path__)
        found += [m.name for m in modules if not m.name.startswith("_")]
    return found


def chosen(names: Sequence[str]) -> list[Workload]:
    """The workloads of these names, or all of them."""
    known = workloads()
    unknown = [name for name in names if name not in known]
    if unknown:
        sys.exit(f"no workload {unknown[0]!r}: choose from {', '.join(known)}")
    return [known[name] for name in names or known]


if __name__ == "__main__":
    main()
