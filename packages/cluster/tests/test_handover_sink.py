"""Answers in parts: empty, whole, chunked, missing, reordered, repeated, stale."""

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from protoactor import PID
from protoactor_cluster.handover import Activation, HandoverChunk
from protoactor_cluster.handover.chunk import digest_of
from protoactor_cluster.handover.sink import HandoverSink
from protoactor_cluster.identity import ClusterIdentity
from protoactor_cluster.provider import Member

HOST = Member("m1", "10.0.0.1", 1)


def activation(name: str) -> Activation:
    pid = PID(HOST.address, f"Kind/{name}$1~abcdef")
    return Activation.of(ClusterIdentity("Kind", name), pid, HOST.id)


def asked(*, with_baseline: bool = False) -> HandoverSink:
    sink = HandoverSink(HOST, with_baseline=with_baseline)
    sink.start_attempt({})
    return sink


def answer(chunks: int, attempt: int = 1) -> list[HandoverChunk]:
    """One activation per chunk but the last."""
    parts = [
        HandoverChunk(attempt, number, False, (activation(str(number)),))
        for number in range(1, chunks)
    ]
    return [*parts, HandoverChunk(attempt, chunks, True, sent=chunks - 1)]


def test_an_empty_answer_is_whole_at_once() -> None:
    sink = asked()
    assert sink.take(HandoverChunk(1, 1, True))
    assert sink.whole
    assert sink.is_consistent(0, 0)


def test_an_answer_in_one_chunk() -> None:
    sink = asked()
    assert sink.take(HandoverChunk(1, 1, True, (activation("x"),), sent=1))
    assert sink.whole
    assert sink.is_consistent(0, 0)


def test_a_chunked_answer_is_whole_with_its_last_chunk() -> None:
    sink = asked()
    for chunk in answer(3):
        assert not sink.whole
        assert sink.take(chunk)
    assert sink.whole


def test_trap_21_with_a_chunk_missing_the_answer_is_not_whole() -> None:
    first, _, last = answer(3)
    sink = asked()
    sink.take(first)
    sink.take(last)
    assert not sink.whole


@given(st.permutations(answer(5)), st.lists(st.integers(0, 4)))
def test_trap_21_order_and_repetition_do_not_matter(
    chunks: list[HandoverChunk], repeated: list[int]
) -> None:
    sink = asked()
    taken = 0
    for chunk in [*[chunks[i] for i in repeated], *chunks]:
        taken += sink.take(chunk)
    assert taken == 5
    assert sink.received == 4
    assert sink.whole
    assert sink.is_consistent(0, 0)


def test_trap_21_chunks_of_two_attempts_are_not_mixed() -> None:
    """What moved between the two lists would be lost or counted twice."""
    sink = asked()
    sink.take(answer(2, attempt=1)[0])
    sink.start_attempt({})
    assert not sink.take(answer(2, attempt=1)[1])
    first, last = answer(2, attempt=2)
    assert sink.take(last)
    assert not sink.whole
    assert sink.take(first)
    assert sink.whole


def test_after_the_end_nothing_is_taken() -> None:
    sink = asked()
    sink.take(HandoverChunk(1, 1, True))
    sink.finish()
    assert not sink.take(HandoverChunk(1, 2, False, (activation("x"),)))


def test_an_answer_that_lost_something_inside_is_inconsistent() -> None:
    sink = asked()
    sink.take(HandoverChunk(1, 1, True, (activation("x"),), sent=2))
    assert sink.whole
    assert not sink.is_consistent(0, 0)


def test_what_was_skipped_must_be_what_is_known() -> None:
    x, y = activation("x"), activation("y")
    sink = asked(with_baseline=True)
    final = HandoverChunk(1, 1, True, skipped=1, skipped_digest=digest_of([x]))
    sink.take(final)
    assert sink.is_consistent(1, digest_of([x]))
    assert not sink.is_consistent(0, 0)
    assert not sink.is_consistent(1, digest_of([y])), "the number is not enough"
    assert not sink.is_consistent(2, digest_of([x, y]))


def test_a_full_answer_skips_nothing() -> None:
    sink = asked(with_baseline=False)
    sink.take(HandoverChunk(1, 1, True, skipped=1))
    assert not sink.is_consistent(0, 0)


@given(st.sets(st.text("abc", min_size=1), max_size=9), st.randoms())
def test_the_digest_does_not_depend_on_order(names: set[str], random: Random) -> None:
    activations = [activation(name) for name in names]
    shuffled = random.sample(activations, len(activations))
    assert digest_of(shuffled) == digest_of(activations)
    assert digest_of(shuffled[1:], digest_of(shuffled[:1])) == digest_of(activations)
