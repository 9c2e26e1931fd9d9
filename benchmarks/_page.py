"""Writes figures into docs/explanation/performance.md: RESULTS.json...

The files are what `hatch run bench --json FILE` saves; several are taken together.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks._contest import Result
from benchmarks._curves import Curve, draw
from benchmarks._workload import OURS, Workload, workloads

FOLDER = Path(__file__).parent.parent / "docs" / "explanation"
PAGE = FOLDER / "performance.md"
SECTIONS = {
    "In one process": ("local-",),
    "Between two processes": ("cross-ask", "cross-tell"),
    "Virtual actors": ("local-grain", "cross-grain", "grain-"),
    "Starting": ("start-",),
    "Hand-over and membership": ("handover-", "members-"),
    "Tracing": ("tracing-",),
    "Growth": ("growth-",),
}
SIZE = re.compile(r"([0-9]+)([km]?)")
FACTORS = {"": 1, "k": 1_000, "m": 1_000_000}
Results = Mapping[str, Mapping[str, Result]]
"""By workload and contender."""


def main(paths: Sequence[str]) -> None:
    saved = [json.loads(Path(path).read_text()) for path in paths]
    results = collect(saved)
    text = PAGE.read_text()
    text = replace(text, "machine", machine(saved))
    text = replace(text, "results", "\n".join(tables(results)))
    PAGE.write_text(text)
    for name, title, unit, curves in plots(results):
        (FOLDER / f"performance-{name}.svg").write_text(draw(title, unit, curves))


def collect(saved: Iterable[Any]) -> Results:
    found: dict[str, dict[str, Result]] = {}
    for entry in (entry for file in saved for entry in file["results"]):
        contenders = found.setdefault(entry["workload"], {})
        new = Result(entry["workload"], entry["contender"])
        result = contenders.setdefault(entry["contender"], new)
        result.values += entry["values"]
        if entry.get("details"):
            result.details.append(entry["details"])
    return found


def replace(text: str, name: str, new: str) -> str:
    """The text with what stands between two comments of this name exchanged."""
    start, end = f"<!-- {name} -->\n", f"<!-- end of {name} -->"
    pattern = re.compile(re.escape(start) + ".*?" + re.escape(end), re.DOTALL)
    if not pattern.search(text):
        sys.exit(f"{PAGE} has no place for {name}")
    return pattern.sub(lambda _: f"{start}{new}\n{end}", text)


def machine(saved: Sequence[Any]) -> str:
    pythons = sorted({file["machine"]["python"] for file in saved})
    cpus = sorted({file["machine"]["cpus"] for file in saved})
    return f"CPython {', '.join(pythons)}; {', '.join(map(str, cpus))} cores."


# -- the tables ----------------------------------------------------------------


def tables(results: Results) -> Iterator[str]:
    known = workloads()
    left = [name for name in known if name in results]
    for title, prefixes in SECTIONS.items():
        names = [n for n in left if n.startswith(prefixes) and section(n) == title]
        if names:
            yield f"### {title}\n"
            yield "| workload | ours | beside others | target | held |"
            yield "|---|---|---|---|---|"
            yield from (row(known[name], results[name]) for name in names)
            yield ""


def section(name: str) -> str:
    """The section with the longest prefix."""
    fitting = [
        (len(prefix), title)
        for title, prefixes in SECTIONS.items()
        for prefix in prefixes
        if name.startswith(prefix)
    ]
    return max(fitting)[1]


def row(workload: Workload, results: Mapping[str, Result]) -> str:
    ours = results.get(OURS)
    if ours is None or not ours.values:
        return f"| `{workload.name}` | no result | | | |"
    low, high = number(min(ours.values)), number(max(ours.values))
    spread = f" ({low} to {high})" if len(ours.values) > 1 else ""
    cells = (
        f"`{workload.name}`",
        f"{number(ours.median)} {workload.unit}{spread}",
        "<br>".join(beside(workload, ours, results)),
        *target(workload, ours, results),
    )
    return f"| {' | '.join(cells)} |"


def beside(
    workload: Workload, ours: Result, results: Mapping[str, Result]
) -> Iterator[str]:
    wanted = workload.target.peer if workload.target else ""
    peers = [r for name, r in results.items() if name != OURS and r.values]
    for peer in sorted(peers, key=lambda peer: peer.contender != wanted):
        ratio = f"{ours.median / peer.median:.2f}x {peer.contender}"
        yield f"**{ratio}**" if peer.contender == wanted else ratio


def target(
    workload: Workload, ours: Result, results: Mapping[str, Result]
) -> tuple[str, str]:
    """What was asked for, and whether it holds."""
    if workload.limit is not None:
        held = ours.median <= workload.limit
        return f"at most {number(workload.limit)}", answer(held)
    if workload.floor is not None:
        held = ours.median >= workload.floor
        return f"at least {number(workload.floor)}", answer(held)
    if workload.target is None:
        return "", ""
    wanted, peer = workload.target, results.get(workload.target.peer)
    text = f"at least {wanted.ratio:g}x {wanted.peer}"
    if peer is None or not peer.values:
        return text, "not measured"
    return text, answer(ours.median / peer.median >= wanted.ratio)


def answer(held: bool) -> str:
    return "yes" if held else "**no**"


def number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


# -- the plots -----------------------------------------------------------------


def plots(results: Results) -> Iterator[tuple[str, str, str, list[Curve]]]:
    growth = {
        "growth-messages": "message in one mailbox",
        "growth-messages-across": "message to another process",
        "growth-actors": "actor spawned",
        "growth-activations": "virtual actor activated",
    }
    for name, label in growth.items():
        if points := details(results, name):
            plot = name.removeprefix("growth-")
            title = f"Cost per {label}, by how many there are"
            yield plot, title, "microseconds", [Curve(label, points)]
    for name, title, unit in (
        ("", "Idle gossip by number of members", "bytes/s that a member sends"),
        ("join rounds", "Until all agree on one more, by members", "rounds of gossip"),
        ("join CPU ms each", "Cost of one more, by members", "CPU ms per member"),
        (
            "kB in 10 s of a join",
            "Traffic in the ten seconds of a join, by members",
            "kB that a member sends",
        ),
    ):
        if points := by_size(results, "members-", name):
            plot = f"members-{name.replace(' ', '-')}".rstrip("-").lower()
            yield plot, title, unit, [Curve(title, points)]
    if points := by_size(results, "handover-", "quiet CPU s"):
        points = [(count, seconds / count * 1e6) for count, seconds in points]
        title = "Cost of a hand-over per activation, by activations"
        yield "handover", title, "CPU microseconds", [Curve(title, points)]


def details(results: Results, workload: str) -> list[tuple[float, float]]:
    result = results.get(workload, {}).get(OURS)
    return [(float(x), y) for x, y in result.median_details.items()] if result else []


def by_size(results: Results, prefix: str, detail: str) -> list[tuple[float, float]]:
    """The figure, or one of its details, of workloads named by a number."""
    found: list[tuple[float, float]] = []
    for name, contenders in results.items():
        size = SIZE.fullmatch(name.removeprefix(prefix))
        ours = contenders.get(OURS)
        if name.startswith(prefix) and size and ours and ours.values:
            value = ours.median_details[detail] if detail else ours.median
            found.append((float(size[1]) * FACTORS[size[2]], value))
    return sorted(found)


if __name__ == "__main__":
    main(sys.argv[1:])
