"""Pauses grow, are never short, and never long."""

from __future__ import annotations

from protoactor_provider_etcd._backoff import Backoff


def test_pauses_double_up_to_the_cap_with_jitter() -> None:
    backoff = Backoff(first=0.5, cap=3.0)
    pauses = [backoff.next() for _ in range(6)]
    for pause, least in zip(pauses, [0.5, 1.0, 2.0, 3.0, 3.0, 3.0], strict=True):
        assert least <= pause <= 1.5 * least
    assert len(set(pauses)) == len(pauses)


def test_after_a_success_it_starts_over() -> None:
    backoff = Backoff(first=0.5, cap=3.0)
    for _ in range(5):
        backoff.next()
    backoff.reset()
    assert backoff.next() <= 0.75


def test_a_cap_below_the_first_pause_makes_no_hot_loop() -> None:
    assert Backoff(first=0.5, cap=0.1).next() >= 0.5
