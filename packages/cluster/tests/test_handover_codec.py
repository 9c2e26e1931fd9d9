from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protoactor import PID
from protoactor_cluster.handover import (
    Activation,
    HandoverChunk,
    Pull,
    decode_chunk,
    decode_pull,
    encode_chunk,
    encode_pull,
)
from protoactor_cluster.identity import ClusterIdentity, InvalidIdentity
from protoactor_cluster.provider import Member
from protoactor_cluster.topology import Topology, TopologyId
from protoactor_cluster.wire import cluster_pb2

ADDRESS = "10.0.0.1:8080"
UINT64 = st.integers(0, 2**64 - 1)
INT31 = st.integers(0, 2**31 - 1)
NAMES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)
IDENTITIES = st.builds(ClusterIdentity, st.sampled_from(["A", "B.c", "_d-1"]), NAMES)


def activation(identity: ClusterIdentity, id: str) -> Activation:
    return Activation.of(identity, PID(ADDRESS, id), "m0")


ACTIVATIONS = st.builds(activation, IDENTITIES, NAMES)
CHUNKS = st.builds(
    HandoverChunk,
    attempt=st.integers(0, 2**32 - 1),
    chunk_id=st.integers(1, 2**31 - 1),
    final=st.booleans(),
    activations=st.lists(ACTIVATIONS, max_size=9).map(tuple),
    sent=INT31,
    skipped=INT31,
    skipped_digest=UINT64,
)
MEMBERS = st.lists(
    st.builds(Member, NAMES, NAMES, st.integers(0, 65535), st.just(frozenset("K"))),
    max_size=4,
    unique_by=lambda member: member.id,
)
TOPOLOGIES = st.builds(Topology.of, MEMBERS, UINT64)


@given(CHUNKS, st.builds(TopologyId, UINT64, UINT64))
def test_a_chunk_arrives_as_it_was_sent(
    chunk: HandoverChunk, topology_id: TopologyId
) -> None:
    data = encode_chunk(chunk, topology_id, "m0", ADDRESS).SerializeToString()
    message = cluster_pb2.RemoteIdentityHandover.FromString(data)
    member_id, under, back = decode_chunk(message)
    assert (member_id, under) == ("m0", topology_id)
    # packing by kind may change the order, nothing else
    assert sorted(back.activations) == sorted(chunk.activations)
    assert replace(back, activations=chunk.activations) == chunk


@given(TOPOLOGIES, st.none() | TOPOLOGIES, st.integers(0, 2**32 - 1))
def test_a_pull_arrives_as_it_was_sent(
    topology: Topology, baseline: Topology | None, attempt: int
) -> None:
    pull = Pull("m1", topology, attempt, baseline)
    data = encode_pull(pull, ADDRESS).SerializeToString()
    assert decode_pull(cluster_pb2.IdentityHandoverRequest.FromString(data)) == pull


def test_members_that_do_not_fit_the_hash_are_refused() -> None:
    """Two members that see different topologies under one id would not notice."""
    message = encode_pull(Pull("m1", Topology.of([], 1), 1), ADDRESS)
    message.current_topology.topology_hash = 7
    with pytest.raises(ValueError, match="0 members hash to"):
        decode_pull(message)


@pytest.mark.parametrize("number", [0, -1])
def test_chunks_count_from_one(number: int) -> None:
    with pytest.raises(ValueError, match="count from 1"):
        decode_chunk(cluster_pb2.RemoteIdentityHandover(chunk_id=number))


def test_an_impossible_identity_is_refused() -> None:
    message = cluster_pb2.RemoteIdentityHandover(chunk_id=1)
    message.actors.actors.add(name="not a kind").activations.add(identity="x")
    with pytest.raises(InvalidIdentity):
        decode_chunk(message)


def test_the_address_is_sent_once() -> None:
    activations = tuple(
        Activation.of(ClusterIdentity("Kind", f"n{i}"), PID(ADDRESS, f"a{i}"), "m0")
        for i in range(100)
    )
    chunk = HandoverChunk(1, 1, True, activations)
    data = encode_chunk(chunk, TopologyId(1, 1), "m0", ADDRESS).SerializeToString()
    assert data.count(ADDRESS.encode()) == data.count(b"Kind") == 1
