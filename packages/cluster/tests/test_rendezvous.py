import pytest
from hypothesis import given
from hypothesis import strategies as st

from protoactor_cluster.provider import Member
from protoactor_cluster.rendezvous import Rendezvous

NAMES = ["ponger-1", "abc", "Alexey", "Roger", "1", "", "a/b", "ü-1", "user-42"]


def local_members(count: int, *, port: int = 8080) -> list[Member]:
    return [
        Member(f"memberId-{i}", "127.0.0.1", port + i, frozenset({"kind"}))
        for i in range(count)
    ]


def owner_port(rendezvous: Rendezvous, name: str) -> int:
    owner = rendezvous.owner("kind", name)
    assert owner is not None
    return owner.port


@pytest.mark.parametrize(
    ("count", "ports"),
    [
        (2, [8080, 8081, 8081, 8080, 8080, 8081, 8081, 8080, 8081]),
        (3, [8082, 8081, 8081, 8080, 8080, 8082, 8082, 8080, 8081]),
        (4, [8082, 8081, 8081, 8080, 8080, 8083, 8083, 8080, 8081]),
    ],
)
def test_owners_are_those_of_protoactor_go(count: int, ports: list[int]) -> None:
    rendezvous = Rendezvous(local_members(count))
    assert [owner_port(rendezvous, name) for name in NAMES] == ports


def test_owners_on_three_hosts_are_those_of_protoactor_go() -> None:
    rendezvous = Rendezvous(
        Member(id, f"10.0.0.{i}", 8090, frozenset({"kind"}))
        for i, id in enumerate("abc", start=1)
    )
    owners = [rendezvous.owner("kind", name) for name in NAMES[:7]]
    assert [owner.host[-1] for owner in owners if owner] == list("1313322")


def test_owners_among_ten_members_are_those_of_protoactor_go() -> None:
    rendezvous = Rendezvous(local_members(10, port=0))
    assert owner_port(rendezvous, "0123456789abcdefghijklmnopqrstuvwxyz") == 7
    assert owner_port(rendezvous, "name") == 8


def test_only_members_with_the_kind_take_part() -> None:
    rendezvous = Rendezvous(
        [
            Member("m1", "10.0.0.1", 8090, frozenset("ab")),
            Member("m2", "10.0.0.2", 8090, frozenset("a")),
            Member("m3", "10.0.0.3", 8090, frozenset("ab")),
        ]
    )
    owners = [rendezvous.owner(kind, "z") for kind in "ab"]
    assert [owner.host for owner in owners if owner] == ["10.0.0.2", "10.0.0.1"]
    assert rendezvous.owner("c", "z") is None


def test_on_a_tie_the_lowest_id_owns() -> None:
    twins = [Member(id, "10.0.0.1", 8090, frozenset({"kind"})) for id in ("b", "a")]
    owner = Rendezvous(twins).owner("kind", "x")
    assert owner is not None
    assert owner.id == "a"


def test_without_members_nobody_owns() -> None:
    assert Rendezvous([]).owner("kind", "x") is None


def test_a_single_member_owns_everything() -> None:
    (member,) = local_members(1)
    assert Rendezvous([member]).owner("kind", "anything") is member


@given(st.permutations(local_members(6)), st.text(max_size=20))
def test_the_order_of_members_does_not_matter(members: list[Member], name: str) -> None:
    assert Rendezvous(members).owner("kind", name) == Rendezvous(
        local_members(6)
    ).owner("kind", name)


@given(st.sets(st.integers(1, 65535), min_size=2, max_size=8), st.text(max_size=20))
def test_a_new_member_takes_over_and_nothing_else_moves(
    ports: set[int], name: str
) -> None:
    members = [Member(f"m{p}", "10.0.0.1", p, frozenset({"kind"})) for p in ports]
    newcomer = members[-1]
    before = Rendezvous(members[:-1]).owner("kind", name)
    assert Rendezvous(members).owner("kind", name) in (before, newcomer)


@given(st.sets(st.integers(1, 65535), min_size=1, max_size=8), st.text(max_size=20))
def test_the_owner_has_the_strictly_greatest_score(ports: set[int], name: str) -> None:
    """Written out as in the specification, over the ids in ascending order."""
    members = [Member(f"m{p:05}", "10.0.0.1", p, frozenset({"kind"})) for p in ports]
    best, expected = 0, None
    for member in sorted(members, key=lambda member: member.id):
        score = _fnv(name.encode() + member.address.encode())
        if score > best:
            best, expected = score, member
    assert Rendezvous(members).owner("kind", name) == expected


def _fnv(data: bytes) -> int:
    state = 2166136261
    for byte in data:
        state = (state ^ byte) * 16777619 % 2**32
    return state
