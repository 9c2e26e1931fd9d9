"""`protoactor doctor`: what is wrong with a cluster, and what to do about it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass

from rich.text import Text

from protoactor_cli._look import Asked, Look
from protoactor_cli._result import Result
from protoactor_cluster.wire import introspection_pb2 as wire

__all__ = ["Finding", "doctor", "examine"]

MANY_DEAD_LETTERS = 1000
COLORS = {"error": "red", "warning": "yellow", "note": "dim"}


@dataclass(frozen=True, slots=True)
class Finding:
    """Something to know about; only an `error` means that the cluster is unwell."""

    level: str
    check: str
    text: str
    advice: str = ""


async def doctor(look: Look) -> Result:
    """Exit code 1 if there is an error."""
    asked = await look.ask(look.inspector.report)
    findings = list(examine(asked))
    shown = [_line(it) for it in findings]
    answered = sum(it.answer is not None for it in asked)
    bad = any(it.level == "error" for it in findings)
    verdict = "unwell" if bad else "well, with remarks" if findings else "well"
    shown.append(
        Text(f"{answered} of {len(asked)} members answered: the cluster is {verdict}")
    )
    data = {"well": not bad, "findings": [asdict(it) for it in findings]}
    return Result(data, shown, 1 if bad else 0)


def examine(asked: Sequence[Asked[wire.Report]]) -> Iterator[Finding]:
    """Everything that can be told from one look, whatever the clocks say."""
    reports = [it.answer for it in asked if it.answer is not None]
    yield from _silence(asked)
    yield from _views(reports)
    yield from _versions(reports)
    yield from _settings(reports)
    for report in reports:
        yield from _member(report)


def _silence(asked: Sequence[Asked[wire.Report]]) -> Iterator[Finding]:
    off = [it.member.address for it in asked if it.off]
    if off:
        yield Finding(
            "warning",
            "introspection",
            f"off on {', '.join(off)}",
            "join(..., introspection=True), or protoactor run --introspection",
        )
    for it in asked:
        if it.problem and not it.off:
            yield Finding(
                "error",
                "reachable",
                f"{it.member} does not answer: {it.problem}",
                "is its process alive, and can this machine reach the address that it "
                "advertises? With TLS, pass --tls-certificate, --tls-key and --tls-ca",
            )


def _views(reports: Sequence[wire.Report]) -> Iterator[Finding]:
    views: defaultdict[frozenset[str], list[str]] = defaultdict(list)
    for it in reports:
        views[frozenset(m.id for m in it.topology.members)].append(it.member.address)
    if len(views) > 1:
        text = "; ".join(
            f"{', '.join(who)}: {len(view)} members" for view, who in views.items()
        )
        yield Finding(
            "error",
            "views",
            f"members see different ones ({text})",
            "look again in some seconds; if it stays, they cannot reach the provider "
            "or each other",
        )
    elif len({it.topology.version for it in reports}) > 1:
        yield Finding(
            "warning",
            "views",
            "members count topologies differently",
            "it settles by gossip within seconds; if it stays, gossip does not arrive",
        )


def _versions(reports: Sequence[wire.Report]) -> Iterator[Finding]:
    names = sorted({name for it in reports for name in it.versions})
    for name in names:
        found = sorted({it.versions.get(name, "none") for it in reports})
        if len(found) > 1:
            ours = name in (
                "protoactor-core",
                "protoactor-remote",
                "protoactor-cluster",
            )
            yield Finding(
                "warning" if ours else "note",
                "versions",
                f"{name}: {', '.join(found)}",
                "finish the upgrade: members of different minor versions may disagree"
                if ours
                else "",
            )


def _settings(reports: Sequence[wire.Report]) -> Iterator[Finding]:
    for what in ("lookup", "dialect", "cluster"):
        found = sorted({getattr(it, what) for it in reports})
        if len(found) > 1:
            yield Finding(
                "error",
                what,
                f"members use {' and '.join(found)}",
                "use the same on all members",
            )


def _member(report: wire.Report) -> Iterator[Finding]:
    who = report.member.address
    if report.quarantined:
        yield Finding(
            "error",
            "quarantine",
            f"{who} stood still and waits for the provider to confirm it",
            "is the provider reachable from there, or was the process suspended?",
        )
    if report.suspected:
        yield Finding(
            "warning",
            "heartbeats",
            f"{who} misses those of {', '.join(report.suspected)}",
            "is the network between them whole, and the process not overloaded?",
        )
    if not report.settled and report.topology.age > 30:
        yield Finding(
            "warning",
            "hand-over",
            f"{who} still waits for what others host, after {report.topology.age:.0f} s",
            "see its events in the dashboard: who has not answered?",
        )
    dead = sum(report.dead_letters.values())
    if dead >= MANY_DEAD_LETTERS:
        reasons = ", ".join(f"{n} {why}" for why, n in report.dead_letters.items())
        yield Finding("note", "dead letters", f"{who} has counted {reasons}")


def _line(finding: Finding) -> Text:
    line = Text(f"{finding.level}: {finding.check}: ", COLORS[finding.level])
    line.append(finding.text, "default")
    if finding.advice:
        line.append(f"\n  {finding.advice}", "dim")
    return line
