"""Pauses grow, are never short, and never long."""

from __future__ import annotations

from protoactor_cluster.spi import Backoff


def test_pauses_double_up_to_the_longest_with_jitter() -> None:
    backoff = Backoff(first=0.5, longest=3.0)
    pauses = [backoff.next() for _ in range(6)]
    for pause, most in zip(pauses, [0.5, 1.0, 2.0, 3.0, 3.0, 3.0], strict=True):
        assert 0.7 * most <= pause <= most
    assert len(set(pauses)) == len(pauses)


def test_after_a_success_it_starts_over() -> None:
    backoff = Backoff(first=0.5, longest=3.0)
    for _ in range(5):
        backoff.next()
    backoff.reset()
    assert backoff.next() <= 0.5


def test_a_bound_below_the_first_pause_makes_no_hot_loop() -> None:
    assert Backoff(first=1.0, longest=0.1).next() >= 0.7


def test_an_outage_of_days_does_not_overflow() -> None:
    backoff = Backoff(longest=3.0)
    assert max(backoff.next() for _ in range(3000)) <= 3.0
