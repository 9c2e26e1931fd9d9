"""Which Leases are fresh, by what an observer has seen."""

from __future__ import annotations

from typing import Any

import pytest
from lightkube.resources.coordination_v1 import Lease

from protoactor_cluster.provider import Member
from protoactor_provider_kubernetes import _lease
from protoactor_provider_kubernetes._sightings import Sightings

TTL = 5.0


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def member(member_id: str, port: int = 8080) -> Member:
    return Member(member_id, "127.0.0.1", port, frozenset({"Counter"}))


def lease(member_id: str, version: int, cluster: str = "shop") -> Lease:
    made = _lease.new(cluster, member(member_id), TTL, None)
    assert made.metadata is not None
    made.metadata.resourceVersion = str(version)
    return made


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def sightings(clock: Clock) -> Sightings:
    return Sightings("shop", TTL, {"own"}.__contains__, clock)


def ids(sightings: Sightings) -> set[str]:
    return set(sightings.picture().members)


def test_who_renews_stays_and_who_does_not_goes(
    sightings: Sightings, clock: Clock
) -> None:
    sightings.replace([lease("a", 1), lease("b", 2)], 2, anew=True)
    clock.now += 4.0
    sightings.apply("MODIFIED", lease("a", 3))
    clock.now += 2.0
    assert ids(sightings) == {"a"}
    sightings.apply("MODIFIED", lease("b", 4))
    assert ids(sightings) == {"a", "b"}


def test_a_listing_renews_nobody(sightings: Sightings, clock: Clock) -> None:
    sightings.replace([lease("a", 1)], 1, anew=True)
    clock.now += 4.0
    sightings.replace([lease("a", 1)], 2, anew=False)
    clock.now += 2.0
    assert ids(sightings) == set()


def test_a_listing_after_an_outage_gives_everybody_time(
    sightings: Sightings, clock: Clock
) -> None:
    sightings.replace([lease("a", 1)], 1, anew=True)
    clock.now += 60.0
    sightings.replace([lease("a", 1)], 2, anew=True)
    clock.now += 4.0
    assert ids(sightings) == {"a"}


def test_our_own_is_not_judged(sightings: Sightings, clock: Clock) -> None:
    sightings.replace([lease("own", 1)], 1, anew=True)
    clock.now += 60.0
    assert ids(sightings) == {"own"}


def test_who_is_evicted_or_deleted_is_gone_at_once(sightings: Sightings) -> None:
    sightings.replace([lease("a", 1), lease("b", 2)], 2, anew=True)
    sightings.apply("MODIFIED", _lease.evict(lease("a", 3)))
    assert ids(sightings) == {"b"}
    sightings.apply("DELETED", lease("b", 4))
    assert ids(sightings) == set()
    assert sightings.picture().revision == 4


def test_a_later_registration_is_the_more_senior_one(sightings: Sightings) -> None:
    sightings.replace([lease("a", 1)], 1, anew=True)
    sightings.apply("ADDED", lease("b", 2))
    sightings.apply("MODIFIED", lease("a", 3))
    members = sightings.picture().members
    assert members["a"].since < members["b"].since


def test_another_cluster_with_the_same_label_is_ignored(sightings: Sightings) -> None:
    sightings.replace([lease("a", 1), lease("b", 2, "other")], 2, anew=True)
    assert ids(sightings) == {"a"}


@pytest.mark.parametrize("record", ["", "{}", "[" * 10_000, '{"id":"b"}', "x" * 70_000])
def test_a_lease_that_describes_no_member_is_skipped(
    sightings: Sightings, record: str
) -> None:
    bad: Any = lease("b", 2)
    bad.metadata.annotations[_lease.MEMBER] = record
    sightings.replace([lease("a", 1), bad], 2, anew=True)
    assert ids(sightings) == {"a"}
    sightings.apply("MODIFIED", lease("b", 3))
    assert ids(sightings) == {"a", "b"}


def test_a_record_under_another_members_name_is_skipped(sightings: Sightings) -> None:
    borrowed = lease("b", 2)
    assert borrowed.metadata is not None
    borrowed.metadata.name = "somebody-elses"
    sightings.replace([borrowed], 2, anew=True)
    assert ids(sightings) == set()
