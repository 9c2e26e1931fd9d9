import pytest
from hypothesis import given
from hypothesis import strategies as st

from protoactor import PID
from protoactor_cluster.handover import Activation, HandoverChunk, Placement, Pull
from protoactor_cluster.handover.chunk import digest_of
from protoactor_cluster.handover.placement import (
    CHUNK_BYTES,
    LOOKED_AT,
    SIGN_OF_LIFE,
)
from protoactor_cluster.hash_ring import HashRing
from protoactor_cluster.identity import ClusterIdentity
from protoactor_cluster.provider import Member
from protoactor_cluster.topology import Topology, TopologyId

MEMBERS = [Member(f"m{i}", "10.0.0.1", 8080 + i) for i in range(4)]
THREE = Topology.of(MEMBERS[:3], 1)
FOUR = Topology.of(MEMBERS, 2)
X = ClusterIdentity("Kind", "x")


def pid(identity: ClusterIdentity, number: int = 1) -> PID:
    return PID("10.0.0.1:8080", f"{identity}${number}~abcdef")


def placement(*names: str, chunk_size: int = 5000) -> Placement:
    host = Placement("m0", chunk_size)
    for name in names:
        identity = ClusterIdentity("Kind", name)
        assert host.register(identity, pid(identity), TopologyId(0, 0)) == pid(identity)
    return host


def pull(
    requester: str, topology: Topology = FOUR, baseline: Topology | None = None
) -> Pull:
    return Pull(requester, topology, 1, baseline)


def chunks(host: Placement, question: Pull) -> list[HandoverChunk]:
    return [chunk for chunk in host.answer(question) if chunk is not None]


def names(parts: list[HandoverChunk]) -> list[str]:
    return [it.identity.name for part in parts for it in part.activations]


# --- what is told


def test_with_nothing_to_tell_there_is_one_final_chunk() -> None:
    assert chunks(placement(), pull("m1")) == [HandoverChunk(1, 1, True)]


NAMES = [f"user-{i}" for i in range(200)]


def test_every_activation_is_told_to_its_owner_and_to_nobody_else() -> None:
    host = placement(*NAMES)
    ring = HashRing(FOUR.members)
    for member in MEMBERS:
        owned = [name for name in NAMES if ring.owner(name) == member]
        assert names(chunks(host, pull(member.id))) == owned
        assert owned


def test_a_stranger_owns_nothing() -> None:
    assert names(chunks(placement(*NAMES), pull("stranger"))) == []


@given(st.integers(1, 40))
def test_chunks_are_numbered_bounded_and_add_up(size: int) -> None:
    parts = chunks(placement(*NAMES, chunk_size=size), pull("m1"))
    assert [part.chunk_id for part in parts] == list(range(1, len(parts) + 1))
    assert [part.final for part in parts] == [False] * (len(parts) - 1) + [True]
    assert all(len(part.activations) == size for part in parts[:-1])
    assert 0 < len(parts[-1].activations) <= size
    assert parts[-1].sent == len(names(parts))


@pytest.mark.parametrize("letter", ["x", "ü"])
def test_long_names_make_smaller_chunks(letter: str) -> None:
    long_names = [f"{i:04}" + letter * 500 for i in range(3000)]
    two = Topology.of(MEMBERS[:2], 2)
    parts = chunks(placement(*long_names), pull("m1", two))
    sizes = [sum(map(_bytes_of, part.activations)) for part in parts]
    assert len(parts) > 1
    assert max(sizes) < CHUNK_BYTES + 3000
    assert min(sizes[:-1]) > CHUNK_BYTES / 4


def _bytes_of(activation: Activation) -> int:
    return len(activation.identity.name.encode()) + len(activation.pid.id.encode())


def test_a_long_search_pauses() -> None:
    host = placement(*NAMES, chunk_size=1)
    found = list(host.answer(pull("stranger")))
    assert found.count(None) == len(NAMES) // LOOKED_AT - 1


def test_a_long_search_shows_signs_of_life() -> None:
    host = placement(*NAMES, *(f"more-{i}" for i in range(800)), chunk_size=1)
    parts = chunks(host, pull("stranger"))
    assert [part.chunk_id for part in parts] == list(range(1, len(parts) + 1))
    assert len(parts) == 1000 // LOOKED_AT // SIGN_OF_LIFE + 1
    assert names(parts) == []
    assert [part.final for part in parts] == [False] * (len(parts) - 1) + [True]


def test_owners_that_pull_together_search_but_once() -> None:
    host = placement(*NAMES, chunk_size=10)
    answers = [host.answer(pull(member.id)) for member in MEMBERS]
    parts = [list(answer) for answer in answers]
    told = [[part for part in answer if part is not None] for answer in parts]
    assert sorted(name for answer in told for name in names(answer)) == sorted(NAMES)
    pauses = sum(answer.count(None) for answer in parts)
    assert pauses < 2 * len(NAMES) / 10


def test_what_starts_and_ends_while_owners_pull_is_told_right() -> None:
    host = placement(*NAMES, chunk_size=10)
    next(host.answer(pull("m1")))
    for name in NAMES[:50]:
        host.remove(ClusterIdentity("Kind", name), pid(ClusterIdentity("Kind", name)))
    started = [ClusterIdentity("Kind", f"late-{number}") for number in range(50)]
    for identity in started:
        assert host.register(identity, pid(identity), FOUR.id) == pid(identity)
    told = [names(chunks(host, pull(member.id))) for member in MEMBERS]
    live = [*NAMES[50:], *(identity.name for identity in started)]
    assert sorted(name for share in told for name in share) == sorted(live)


def test_what_ends_while_the_answer_is_made_is_left_out() -> None:
    host = placement(*NAMES, chunk_size=1)
    parts = host.answer(pull("m1"))
    next(parts)
    rest = [ClusterIdentity("Kind", name) for name in NAMES]
    for identity in rest:
        host.remove(identity, pid(identity))
    told = [part for part in parts if part is not None]
    assert len(names(told)) <= 1
    assert told[-1].sent == len(names(told))


# --- with a baseline


def test_with_a_baseline_only_what_moved_is_sent() -> None:
    host = placement(*NAMES)
    before, after = HashRing(THREE.members), HashRing(FOUR.members)
    whole = chunks(host, pull("m1"))[0].activations
    stayed = [it for it in whole if before.owner(it.identity.name) == MEMBERS[1]]
    (final,) = chunks(host, pull("m1", baseline=THREE))
    assert set(final.activations) == set(whole) - set(stayed)
    assert (final.sent, final.skipped) == (len(whole) - len(stayed), len(stayed))
    assert final.skipped_digest == digest_of(stayed)
    assert stayed
    moved_here = [n for n in NAMES if after.owner(n) == before.owner(n) == MEMBERS[1]]
    assert len(moved_here) == len(stayed)


# --- what is refused


def test_before_a_pull_nothing_is_stale() -> None:
    assert not placement().refuses(TopologyId(0, 0))


def test_after_a_pull_what_was_asked_under_an_older_topology_is_refused() -> None:
    host = placement()
    host.answer(pull("m1", FOUR))
    assert host.refuses(THREE.id)
    assert not host.refuses(FOUR.id)
    assert not host.refuses(TopologyId(3, 0))
    assert not host.refuses(TopologyId(2, 12345)), "a view that differs is not older"


def test_the_refusal_starts_with_the_question_not_with_the_first_chunk() -> None:
    host = placement()
    answer = host.answer(pull("m1", FOUR))
    assert host.refuses(THREE.id)
    assert list(answer)


def test_equal_hashes_do_not_make_a_request_current() -> None:
    """A, B, A: what was asked under the first A stays refused."""
    host = placement()
    again = Topology.of(THREE.members, 3)
    host.answer(pull("m1", FOUR))
    host.answer(pull("m1", again))
    assert again.hash == THREE.hash
    assert host.refuses(THREE.id)
    assert not host.refuses(again.id)


def test_a_late_pull_under_an_older_topology_is_answered_and_changes_nothing() -> None:
    host = placement(*NAMES)
    host.answer(pull("m1", FOUR))
    assert names(chunks(host, pull("m1", THREE)))
    assert host.newest == FOUR.id


def test_what_was_starting_when_a_newer_topology_was_answered_is_not_entered() -> None:
    host = placement()
    assert not host.refuses(THREE.id)
    host.answer(pull("m1", FOUR))
    assert host.register(X, pid(X), THREE.id) is None
    assert host.get(X) is None
    assert host.register(X, pid(X, 2), FOUR.id) == pid(X, 2)


def test_a_second_actor_for_an_identity_is_answered_with_the_first() -> None:
    host = placement("x")
    assert host.register(X, pid(X, 2), THREE.id) == pid(X, 1)
    assert host.get(X) == pid(X, 1)


def test_the_end_of_another_actor_does_not_remove_the_present_one() -> None:
    host = placement("x")
    assert not host.remove(X, pid(X, 7))
    assert host.get(X) == pid(X)
    assert host.remove(X, pid(X))
    assert host.get(X) is None
    assert len(host) == 0


# --- requests out of order


def test_a_request_that_arrives_after_a_later_one_is_overtaken() -> None:
    host = placement()
    assert [host.is_overtaken("m1", n) for n in (1, 3, 2, 3, 4)] == [
        False,
        False,
        True,
        True,
        False,
    ]


def test_requesters_number_for_themselves() -> None:
    host = placement()
    assert not host.is_overtaken("m1", 5)
    assert not host.is_overtaken("m2", 1)


def test_requests_without_a_number_are_never_overtaken() -> None:
    host = placement()
    assert not host.is_overtaken("m1", 5)
    assert not host.is_overtaken("m1", 0)
    assert not host.is_overtaken("m1", 0)
    assert host.is_overtaken("m1", 5)


def test_the_numbers_of_members_that_left_are_forgotten() -> None:
    host = placement()
    host.is_overtaken("gone", 5)
    host.is_overtaken("m1", 5)
    host.answer(pull("m1", FOUR))
    assert not host.is_overtaken("gone", 1)
    assert host.is_overtaken("m1", 1)
