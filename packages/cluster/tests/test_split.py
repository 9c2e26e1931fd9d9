from hypothesis import given
from hypothesis import strategies as st

from protoactor_cluster.split import UnreachableMembers, Verdict, judge

IDS = st.sets(st.sampled_from("abcdefgh"))
OPPOSITE = {
    Verdict.NO_SPLIT: Verdict.NO_SPLIT,
    Verdict.WE_YIELD: Verdict.THEY_YIELD,
    Verdict.THEY_YIELD: Verdict.WE_YIELD,
}


def test_the_side_with_fewer_members_yields() -> None:
    assert judge({"a"}, {"b", "c"}) is Verdict.WE_YIELD
    assert judge({"b", "c"}, {"a"}) is Verdict.THEY_YIELD


def test_on_a_tie_the_side_without_the_lowest_id_yields() -> None:
    assert judge({"b", "c"}, {"a", "d"}) is Verdict.WE_YIELD
    assert judge({"a", "d"}, {"b", "c"}) is Verdict.THEY_YIELD


def test_sides_that_share_a_member_were_not_split() -> None:
    assert judge({"a", "c"}, {"b", "c"}) is Verdict.NO_SPLIT


@given(IDS, IDS)
def test_both_sides_reach_the_same_verdict(one: set[str], other: set[str]) -> None:
    assert judge(other, one) is OPPOSITE[judge(one, other)]


def test_a_member_returns_when_it_is_listed_again() -> None:
    unreachable = UnreachableMembers(patience=5.0)
    unreachable.add(["b"])
    assert not unreachable.returning
    assert unreachable.admitted(["a", "b"], now=10.0) == {"a"}
    assert unreachable.returning == {"b"}
    assert unreachable.next_deadline == 15.0


def test_patience_starts_anew_when_it_vanishes_again() -> None:
    unreachable = UnreachableMembers(patience=5.0)
    unreachable.add(["b"])
    unreachable.admitted(["b"], now=10.0)
    unreachable.admitted([], now=14.0)
    assert not unreachable.returning
    assert unreachable.admitted(["b"], now=15.5) == set()
    assert unreachable.admitted(["b"], now=20.5) == {"b"}


def test_the_oldest_are_forgotten_first() -> None:
    unreachable = UnreachableMembers(capacity=2)
    unreachable.add("abc")
    assert [id in unreachable for id in "abc"] == [False, True, True]
