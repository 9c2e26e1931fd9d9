"""Who is a member, from one round of answers after the other."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from protoactor_cluster.provider import Member
from protoactor_provider_automanaged._health import Health
from protoactor_provider_automanaged._host import Host
from protoactor_provider_automanaged._roster import Roster

H, J = Host("h", 1), Host("j", 1)
A, B, C = (Member(id, "127.0.0.1", ord(id)) for id in "abc")


def health(member: Member, cluster: str = "shop") -> Health:
    return Health(member, cluster)


def after(*rounds: dict[Host, Health | None], misses: int = 2) -> Roster:
    roster = Roster("shop", misses)
    for answers in rounds:
        roster.apply(answers)
    return roster


BOTH: dict[Host, Health | None] = {H: health(A), J: health(B)}
ONLY_A: dict[Host, Health | None] = {H: health(A), J: None}
NOBODY: dict[Host, Health | None] = {H: None, J: None}


def test_one_miss_drops_nobody_and_raises_a_doubt() -> None:
    roster = after(BOTH, ONLY_A)
    assert set(roster.members) == {A, B}
    assert roster.doubtful


def test_misses_in_a_row_drop_a_member_and_the_doubt() -> None:
    roster = after(BOTH, ONLY_A, ONLY_A)
    assert roster.members == (A,)
    assert not roster.doubtful


def test_misses_that_are_not_in_a_row_drop_nobody() -> None:
    assert set(after(BOTH, ONLY_A, BOTH, ONLY_A, BOTH).members) == {A, B}


def test_one_miss_is_enough_if_it_was_asked_for() -> None:
    assert after(BOTH, ONLY_A, misses=1).members == (A,)


def test_rounds_without_any_answer_say_nothing() -> None:
    roster = after(BOTH, ONLY_A, *[NOBODY] * 10)
    assert set(roster.members) == {A, B}
    assert not roster.doubtful


def test_a_new_id_on_a_host_replaces_the_old_one_at_once() -> None:
    assert after(BOTH, {H: health(C), J: None}).members == (C, B)


def test_a_host_that_now_belongs_to_another_cluster_is_dropped_at_once() -> None:
    assert after(BOTH, {H: health(A), J: health(C, "other")}).members == (A,)


def test_another_cluster_is_never_listed() -> None:
    assert after({H: health(A, "shop2"), J: health(B, "")}).members == ()


def test_a_member_with_two_host_names_is_listed_once() -> None:
    assert after({H: health(A), J: health(A)}).members == (A,)


def test_who_answers_wins_an_address_over_who_is_silent() -> None:
    restarted = Member("new", B.host, B.port)
    roster = after(BOTH, {H: health(restarted), J: None})
    assert roster.members == (restarted,)


rounds = st.lists(
    st.fixed_dictionaries(
        {
            host: st.none()
            | st.builds(
                health, st.sampled_from([A, B, C]), st.sampled_from(["shop", "x"])
            )
            for host in (H, J)
        }
    ),
    max_size=12,
)


@given(rounds, st.integers(1, 3))
def test_a_member_is_listed_as_long_as_its_last_answer_is_young_enough(
    played: list[dict[Host, Health | None]], misses: int
) -> None:
    heard = [answers for answers in played if any(answers.values())]
    expected: set[Member] = set()
    for host in (H, J):
        answers = [answers[host] for answers in heard]
        last = max((n for n, answer in enumerate(answers) if answer), default=None)
        if last is None or len(answers) - 1 - last >= misses:
            continue
        newest = answers[last]
        if newest is not None and newest.cluster == "shop":
            expected.add(newest.member)
    assert set(after(*played, misses=misses).members) == expected
