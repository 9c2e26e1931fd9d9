"""What the page shows, as JSON; times are seconds since 1970 on this machine."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from protoactor_cli._doctor import examine
from protoactor_cli._look import Asked
from protoactor_cli._members import state_of
from protoactor_cli._plain import plain
from protoactor_cluster import Member
from protoactor_cluster.hash_ring import RING, HashRing
from protoactor_cluster.wire import introspection_pb2 as wire

if TYPE_CHECKING:
    from protoactor_cli.dashboard._watch import Known, Watch

__all__ = ["Told", "call_to_json", "event_to_json", "snapshot"]


@dataclass(slots=True)
class Told:
    """What one page knows already, so that it hears only of what is new."""

    number: int = 0
    ring: list[list[Any]] | None = None


def snapshot(watch: Watch, told: Told) -> dict[str, Any]:
    """Everything but what is asked for by a search."""
    present = [it for it in watch.known.values() if it.gone_at is None]
    ring = HashRing(it.member for it in present)
    shares = ring.shares()
    arcs = [[start / RING, end / RING, owner.id] for start, end, owner in ring.arcs()]
    findings = examine([_asked(it) for it in present])
    seen: dict[str, Any] = {
        "cluster": watch.look.cluster.name,
        "now": time.time(),
        "whole": told.ring is None,
        "members": [_member(it, shares) for it in watch.known.values()],
        "events": [it for it in watch.events if it["n"] > told.number],
        "calls": [it for it in watch.calls if it["n"] > told.number],
        "findings": [asdict(it) for it in findings],
    }
    if arcs != told.ring:
        seen["ring"] = told.ring = arcs
    news = (it["n"] for it in (*seen["events"], *seen["calls"]))
    told.number = max(told.number, *news, 0)
    return seen


def event_to_json(event: wire.Event, member: Member, now: float) -> dict[str, Any]:
    return {
        "id": f"{member.id}/{event.number}",
        "member": member.id,
        "address": member.address,
        "at": now - event.age,
        "what": event.what,
        "text": event.text,
        "version": event.topology_version,
        "hash": event.topology_hash,
        "joined": [it.address for it in event.joined],
        "left": [it.address for it in event.left],
        "duration": event.duration,
        "activations": event.activations,
        "trace": event.trace.trace_id,
    }


def call_to_json(call: wire.SlowCall, now: float) -> dict[str, Any]:
    told: dict[str, Any] = plain(call)
    trace = call.trace.trace_id
    return {**told, "at": now - call.age - call.duration, "trace": trace}


def _member(known: Known, shares: dict[str, float]) -> dict[str, Any]:
    report, member = known.report, known.member
    gone = known.gone_at is not None
    told: dict[str, Any] = {
        "id": member.id,
        "address": member.address,
        "kinds": sorted(member.kinds),
        "gone": gone,
        "problem": known.problem,
        "share": shares.get(member.id, 0.0),
    }
    if report is not None:
        told |= {
            "state": "gone" if gone else state_of(report),
            "uptime": report.uptime,
            "activations": {} if gone else dict(report.activations),
            "version": report.topology.version,
            "hash": report.topology.hash,
            "process": report.process_id,
            "versions": dict(report.versions),
        }
    return told


def _asked(known: Known) -> Asked[wire.Report]:
    answer = None if known.problem else known.report
    off = "introspection is off" in known.problem
    return Asked(known.member, answer, known.problem, off)
