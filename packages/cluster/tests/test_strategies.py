from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protoactor_cluster.provider import Member
from protoactor_cluster.strategies import (
    LeastActivations,
    LocalAffinity,
    MemberStrategy,
    RoundRobin,
    Weighted,
)

A, B, C = HOSTS = [Member(id, "10.0.0.1", port) for port, id in enumerate("abc", 1)]


def picks(strategy: MemberStrategy, count: int, requester: str = "") -> str:
    chosen = [strategy.choose(HOSTS, requester) for _ in range(count)]
    return "".join(member.id if member else "-" for member in chosen)


ALL = [
    RoundRobin,
    LocalAffinity,
    lambda: LeastActivations(lambda _: 0),
    lambda: Weighted(lambda _: 1),
]


@pytest.mark.parametrize("strategy", [make() for make in ALL])
def test_without_hosts_nobody_is_chosen(strategy: MemberStrategy) -> None:
    assert strategy.choose([], "10.0.0.1:1") is None


@pytest.mark.parametrize("strategy", [make() for make in ALL])
def test_a_single_host_is_always_chosen(strategy: MemberStrategy) -> None:
    assert [strategy.choose([A], "") for _ in range(3)] == [A, A, A]


@pytest.mark.parametrize("strategy", [make() for make in ALL])
@given(sizes=st.lists(st.integers(1, 3), max_size=20))
def test_hosts_may_come_and_go(strategy: MemberStrategy, sizes: list[int]) -> None:
    for size in sizes:
        assert strategy.choose(HOSTS[:size], "") in HOSTS[:size]


def test_round_robin_begins_with_the_second() -> None:
    assert picks(RoundRobin(), 5) == "bcabc"


def test_local_affinity_prefers_the_requester() -> None:
    assert picks(LocalAffinity(), 3, requester="10.0.0.1:3") == "ccc"


def test_local_affinity_falls_back_for_strangers_and_clients() -> None:
    assert picks(LocalAffinity(), 3, requester="10.0.0.9:1") == "bca"
    assert picks(LocalAffinity(Weighted(lambda it: it.port == 1)), 2) == "aa"


def test_least_activations_fills_the_emptiest() -> None:
    counts = {"a": 5, "b": 2, "c": 9}
    assert picks(LeastActivations(lambda it: counts[it.id]), 1) == "b"


def test_least_activations_spreads_a_burst_between_two_reports() -> None:
    counts = {"a": 3, "b": 0, "c": 0}
    strategy = LeastActivations(lambda it: counts[it.id])
    assert Counter(picks(strategy, 9)) == {"a": 1, "b": 4, "c": 4}


def test_least_activations_believes_a_new_report() -> None:
    counts = {"a": 0, "b": 1, "c": 1}
    strategy = LeastActivations(lambda it: counts[it.id])
    assert picks(strategy, 1) == "a"
    counts["a"] = 1  # the report includes the activation just chosen
    assert picks(strategy, 3) == "abc"


def test_weights_are_kept_and_interleaved() -> None:
    weights = {"a": 3, "b": 1, "c": 0}
    assert picks(Weighted(lambda it: weights[it.id]), 8) == "aabaaaba"


@given(st.lists(st.integers(0, 9), min_size=3, max_size=3))
def test_a_full_cycle_has_exactly_the_weights(weights: list[int]) -> None:
    strategy = Weighted(lambda it: weights[it.port - 1])
    chosen = Counter(picks(strategy, sum(weights) or 1))
    expected = dict(zip("abc", weights, strict=True)) if any(weights) else {"-": 1}
    assert chosen == {id: count for id, count in expected.items() if count}


def test_a_weight_may_change_between_choices() -> None:
    weights = {"a": 1, "b": 0, "c": 0}
    strategy = Weighted(lambda it: weights[it.id])
    assert picks(strategy, 2) == "aa"
    weights.update(a=0, c=2)
    assert picks(strategy, 2) == "cc"


def test_a_negative_weight_is_refused() -> None:
    with pytest.raises(ValueError, match=r"a@10\.0\.0\.1:1 is -1"):
        Weighted(lambda _: -1).choose(HOSTS, "")
