"""What the doctor makes of members' reports."""

from __future__ import annotations

from protoactor_cli._doctor import Finding, examine
from protoactor_cli._look import Asked
from protoactor_cluster import Member
from protoactor_cluster.wire import introspection_pb2 as wire

ONE = Member("one", "10.0.0.1", 8080)
TWO = Member("two", "10.0.0.2", 8080)


def report(member: Member, *sees: Member, **fields: object) -> wire.Report:
    told = wire.Report(
        member=wire.Member(id=member.id, address=member.address),
        cluster="shop",
        lookup="partition",
        dialect="python",
        ready=True,
        settled=True,
        versions={"protoactor-cluster": "0.1.0", "python": "3.11.7"},
        topology=wire.Topology(
            version=3, members=[wire.Member(id=it.id) for it in sees or (ONE, TWO)]
        ),
    )
    told.MergeFrom(wire.Report(**fields))  # type: ignore[arg-type]
    return told


def findings(*reports: wire.Report) -> list[Finding]:
    members = (ONE, TWO)
    asked = [Asked(members[number], answer) for number, answer in enumerate(reports)]
    return list(examine(asked))


def only(found: list[Finding]) -> Finding:
    (finding,) = found
    assert finding.advice
    return finding


def test_members_that_agree_are_well() -> None:
    assert findings(report(ONE), report(TWO)) == []


def test_views_that_differ() -> None:
    found = only(findings(report(ONE), report(TWO, TWO)))
    assert (found.level, found.check) == ("error", "views")
    assert "10.0.0.1:8080: 2 members; 10.0.0.2:8080: 1 members" in found.text


def test_equal_views_that_are_counted_differently() -> None:
    other = report(TWO)
    other.topology.version = 4
    found = only(findings(report(ONE), other))
    assert (found.level, found.check) == ("warning", "views")


def test_versions_of_ours_that_differ() -> None:
    found = only(
        findings(report(ONE), report(TWO, versions={"protoactor-cluster": "0.2"}))
    )
    assert (found.level, found.text) == ("warning", "protoactor-cluster: 0.1.0, 0.2")


def test_another_python_is_only_a_note() -> None:
    (found,) = findings(report(ONE), report(TWO, versions={"python": "3.13.1"}))
    assert (found.level, found.text) == ("note", "python: 3.11.7, 3.13.1")


def test_lookups_that_differ() -> None:
    found = only(findings(report(ONE), report(TWO, lookup="disthash")))
    assert (found.level, found.text) == ("error", "members use disthash and partition")


def test_a_member_in_quarantine() -> None:
    found = only(findings(report(ONE, quarantined=True), report(TWO)))
    assert (found.level, found.check) == ("error", "quarantine")


def test_a_member_that_misses_heartbeats() -> None:
    found = only(findings(report(ONE, suspected=["two"]), report(TWO)))
    assert found.text == "10.0.0.1:8080 misses those of two"


def test_a_hand_over_that_does_not_end() -> None:
    waiting = report(ONE)
    waiting.settled, waiting.topology.age = False, 31.0
    assert only(findings(waiting, report(TWO))).check == "hand-over"


def test_many_dead_letters_are_mentioned() -> None:
    (found,) = findings(report(ONE, dead_letters={"no such actor": 5000}), report(TWO))
    assert (found.level, found.check) == ("note", "dead letters")


def test_a_member_that_cannot_be_reached_and_one_that_is_told_not_to_answer() -> None:
    asked: list[Asked[wire.Report]] = [
        Asked(ONE, problem="connection refused"),
        Asked(TWO, problem="off", off=True),
    ]
    found = {it.check: it.level for it in examine(asked)}
    assert found == {"introspection": "warning", "reachable": "error"}
