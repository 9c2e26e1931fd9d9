import pytest
from hypothesis import given
from hypothesis import strategies as st

from protoactor_cluster.provider import Member
from protoactor_cluster.topology import (
    Topology,
    TopologyChange,
    TopologyId,
    topology_hash,
)
from protoactor_cluster.topology_codec import (
    decode_members,
    decode_ready,
    decode_topology_id,
    encode_members,
    encode_ready,
    encode_topology,
)
from protoactor_cluster.wire import cluster_pb2


def member(id: str, *kinds: str) -> Member:
    return Member(id, "10.0.0.1", sum(id.encode()), frozenset(kinds))


@pytest.mark.parametrize(
    ("ids", "expected"),
    [
        ([], 0),
        (["memberId-0"], 13904886588237684160),
        (["memberId-0", "memberId-1"], 13857135146043484892),
        (["memberId-0", "memberId-1", "memberId-2"], 10813376193506893673),
        ([f"memberId-{i}" for i in range(4)], 11113686574837749838),
        (["memberId-2", "memberId-3"], 2773553998757185810),
        (
            # ascending by code point: digits, then upper, then lower case
            [
                "aZJ3DV7GNMFYz7R8HabNey",
                "3xkPZJ3DV7GNMFYz7R8Hab",
                "NeyzJ6ZJ3DV7GNMFYz7R8H",
            ],
            7379716309345664844,
        ),
    ],
)
def test_the_hash_is_that_of_protoactor_go(ids: list[str], expected: int) -> None:
    assert topology_hash(ids) == expected
    assert topology_hash(reversed(ids)) == expected
    assert Topology.of(map(member, ids), 1).hash == expected


def test_members_are_sorted_by_id() -> None:
    topology = Topology.of([member("b"), member("A"), member("1")], 1)
    assert [it.id for it in topology.members] == ["1", "A", "b"]
    assert "A" in topology
    assert "a" not in topology


def test_equal_member_sets_at_different_times_are_different_topologies() -> None:
    first = Topology.of([member("a")], 1)
    again = Topology.of([member("a")], 3)
    assert first.hash == again.hash
    assert first.id != again.id
    assert first.id.is_older_than(again.id)
    assert not again.id.is_older_than(first.id)


def test_two_views_at_the_same_version_are_unordered() -> None:
    one, other = TopologyId(5, 1), TopologyId(5, 2)
    assert not one.is_older_than(other)
    assert not other.is_older_than(one)


@given(
    st.dictionaries(st.sampled_from("abcdef"), st.sampled_from("KL")),
    st.dictionaries(st.sampled_from("abcdef"), st.sampled_from("KL")),
)
def test_a_change_names_everyone_once(old: dict[str, str], new: dict[str, str]) -> None:
    change = TopologyChange(
        Topology.of([member(id, kind) for id, kind in old.items()], 1),
        Topology.of([member(id, kind) for id, kind in new.items()], 2),
    )
    assert {it.id for it in change.joined} == new.keys() - old.keys()
    assert {it.id for it in change.left} == old.keys() - new.keys()
    assert {it.id for it in change.updated} == {
        id for id in old.keys() & new.keys() if old[id] != new[id]
    }


def test_a_topology_travels_with_its_version() -> None:
    change = TopologyChange(
        Topology.of([member("a"), member("b")], 4),
        Topology.of([member("b"), member("c", "K", "J")], 5),
    )
    message = encode_topology(change)
    assert decode_topology_id(message.SerializeToString()) == change.current.id
    assert decode_members(message.members) == change.current.members
    assert [it.id for it in message.joined] == ["c"]
    assert [it.id for it in message.left] == ["a"]
    assert not message.blocked


def test_a_topology_of_protoactor_go_has_version_0() -> None:
    data = cluster_pb2.ClusterTopology(topology_hash=7).SerializeToString()
    assert decode_topology_id(data) == TopologyId(0, 7)


def test_readiness_names_the_topology() -> None:
    topology = Topology.of([member("a")], 9)
    assert decode_ready(encode_ready(topology).SerializeToString()) == topology.id


@pytest.mark.parametrize(
    "message",
    [
        cluster_pb2.Member(host="h", port=1),
        cluster_pb2.Member(id="a", host="h", port=-1),
        cluster_pb2.Member(id="a", host="h", port=65536),
    ],
    ids=["no id", "negative port", "port beyond 65535"],
)
def test_an_impossible_member_is_refused(message: cluster_pb2.Member) -> None:
    with pytest.raises(ValueError, match="not a member"):
        decode_members([message])


def test_members_travel_without_metadata() -> None:
    original = Member("a", "h", 1, frozenset("KL"), (("lookup", "partition"),))
    (back,) = decode_members(encode_members([original]))
    assert (back.id, back.address, back.kinds) == ("a", "h:1", frozenset("KL"))
