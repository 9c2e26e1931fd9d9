from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protoactor_cluster.hash_ring import HashRing, ring_position
from protoactor_cluster.provider import Member

NAMES = ["ponger-1", "abc", "Alexey", "Roger", "1", "", "a/b", "ü-1", "user-42"]


def local_members(count: int) -> list[Member]:
    return [Member(f"memberId-{i}", "127.0.0.1", 8080 + i) for i in range(count)]


def port_at(ring: HashRing, position: int) -> int:
    owner = ring.owner_at(position)
    assert owner is not None
    return owner.port


@pytest.mark.parametrize(
    ("count", "ports"),
    [
        (1, [8080] * 9),
        (3, [8082, 8080, 8082, 8081, 8081, 8082, 8081, 8080, 8082]),
        (4, [8082, 8080, 8082, 8083, 8083, 8082, 8081, 8083, 8082]),
    ],
)
def test_owners_are_those_of_the_dotnet_ring(count: int, ports: list[int]) -> None:
    ring = HashRing(local_members(count))
    assert [port_at(ring, ring_position(name)) for name in NAMES] == ports


def test_a_position_belongs_to_the_first_point_at_or_after_it() -> None:
    ring = HashRing(local_members(3))
    first_points = [(0x03D1D251, 8082), (0x04CB1AAB, 8080), (0x072BF757, 8081)]
    position = 0
    for point, port in first_points:
        assert port_at(ring, position) == port
        assert port_at(ring, point) == port
        position = point + 1


def test_positions_past_the_last_point_wrap_around() -> None:
    ring = HashRing(local_members(3))
    assert port_at(ring, 0xFFFFFFFF) == port_at(ring, 0) == 8082


@given(
    st.sets(st.integers(1, 65535), min_size=2, max_size=5),
    st.integers(0, 2**32 - 1) | st.sampled_from([0, 2**32 - 1]),
)
def test_owners_are_found_as_specified(ports: set[int], position: int) -> None:
    """Walk around the ring instead of searching it."""
    members = [Member(f"m{port}", "10.0.0.1", port) for port in ports]
    points = sorted(
        (ring_position(f"{i}{member.address}"), member.id, member)
        for member in members
        for i in range(50)
    )
    after = [member for point, _, member in points if point >= position]
    expected = after[0] if after else points[0][2]
    assert HashRing(members).owner_at(position) == expected


def test_an_empty_ring_has_no_owner() -> None:
    assert HashRing(()).owner("x") is None
    assert HashRing(()).owner_at(0) is None


@given(st.permutations(local_members(5)), st.text(max_size=20))
def test_the_order_of_members_does_not_matter(members: list[Member], name: str) -> None:
    assert HashRing(members).owner(name) == HashRing(local_members(5)).owner(name)


@given(st.sets(st.integers(1, 65535), min_size=2, max_size=8), st.text(max_size=20))
def test_a_new_member_takes_over_and_nothing_else_moves(
    ports: set[int], name: str
) -> None:
    members = [Member(f"m{port}", "10.0.0.1", port) for port in ports]
    before = HashRing(members[:-1]).owner(name)
    assert HashRing(members).owner(name) in (before, members[-1])


def test_reusing_points_of_an_earlier_ring_changes_nothing() -> None:
    three, five = local_members(3), local_members(5)
    for old, new in ((three, five), (five, three), ([], three)):
        reused, fresh = HashRing(new, base=HashRing(old)), HashRing(new)
        for position in range(0, 1 << 32, 1 << 20):
            assert reused.owner_at(position) == fresh.owner_at(position)


def test_every_member_gets_a_fair_share() -> None:
    ring = HashRing(local_members(5))
    shares = Counter(port_at(ring, ring_position(f"id-{i}")) for i in range(20_000))
    assert len(shares) == 5
    assert min(shares.values()) > 20_000 / 5 / 2
