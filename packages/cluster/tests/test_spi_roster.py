"""Who counts as a member."""

from __future__ import annotations

from protoactor_cluster.provider import Member
from protoactor_cluster.spi import Listed, Roster


def listed(id: str, port: int, since: int) -> dict[str, Listed]:
    return {id: Listed(Member(id, "h", port), since)}


def test_members_come_with_the_store_and_go_when_told_to() -> None:
    roster = Roster()
    roster.update(listed("a", 1, 1) | listed("b", 2, 2))
    roster.update(listed("b", 2, 2))
    assert roster.missing == ["a"]
    assert roster.members().keys() == {"a", "b"}
    roster.drop("a")
    assert roster.missing == []
    assert roster.members().keys() == {"b"}


def test_who_returns_is_missing_no_longer() -> None:
    roster = Roster()
    roster.update(listed("a", 1, 1))
    roster.update({})
    roster.update(listed("a", 1, 9))
    assert roster.missing == []


def test_changed_members_are_shown_as_they_are_now() -> None:
    roster = Roster()
    roster.update(listed("a", 1, 1))
    roster.update(listed("a", 2, 1))
    assert roster.members()["a"].port == 2


def test_an_address_belongs_to_who_registered_last() -> None:
    roster = Roster()
    roster.update(listed("new", 1, 8) | listed("old", 1, 3))
    assert roster.members().keys() == {"new"}


def test_a_registration_beats_one_that_is_held_back() -> None:
    """The revisions of a wiped store count from zero again."""
    roster = Roster()
    roster.update(listed("old", 1, 1000))
    roster.update(listed("new", 1, 2))
    assert roster.members().keys() == {"new"}
