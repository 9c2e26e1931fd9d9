"""Keys and records: protoactor-go's, safe for every name, robust against any bytes."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protoactor_cluster.provider import Member
from protoactor_provider_etcd._record import (
    MAX_RECORD,
    Folder,
    NotARecord,
    decode,
    encode,
)

ID = "cluster-example@NeyzJ6ZJ3DV7GNMFYz7R8H"
GO_KEY = f"/protoactor/cluster-example/{ID}"
GO_VALUE = (
    b'{"id":"cluster-example@NeyzJ6ZJ3DV7GNMFYz7R8H",'
    b'"name":"cluster-example@NeyzJ6ZJ3DV7GNMFYz7R8H",'
    b'"host":"127.0.0.1","address":"127.0.0.1","port":8080,'
    b'"kinds":["Ponger","prototopic"],"alive":true}'
)
MEMBER = Member(ID, "127.0.0.1", 8080, frozenset({"prototopic", "Ponger"}))

text = st.text(st.characters(exclude_categories=["Cs"]))
members = st.builds(
    Member,
    id=text.filter(lambda id: bool(id) and "/" not in id),
    host=text.filter(bool),
    port=st.integers(0, 65535),
    kinds=st.frozensets(text, max_size=5),
    metadata=st.dictionaries(text, text, max_size=5).map(
        lambda pairs: tuple(pairs.items())
    ),
)


def test_key_and_record_are_protoactor_gos() -> None:
    assert Folder("/protoactor", "cluster-example").key(ID) == GO_KEY
    assert encode(MEMBER) == GO_VALUE


def test_a_record_of_protoactor_go_is_read() -> None:
    folder = Folder("/protoactor", "cluster-example")
    assert decode(folder.member_id(GO_KEY.encode()), GO_VALUE) == MEMBER


@pytest.mark.parametrize("kinds", ["null", "[]"])
def test_go_has_two_ways_to_write_no_kinds(kinds: str) -> None:
    value = GO_VALUE.replace(b'["Ponger","prototopic"]', kinds.encode())
    assert decode(ID, value).kinds == frozenset()


def test_go_falls_back_to_the_address() -> None:
    value = GO_VALUE.replace(b'"host":"127.0.0.1"', b'"host":""')
    assert decode(ID, value) == MEMBER


@given(members)
def test_a_member_comes_back_as_it_went(member: Member) -> None:
    assert decode(member.id, encode(member)) == member


@given(st.text(min_size=1), st.text(min_size=1), st.text(min_size=1))
def test_no_clusters_path_is_part_of_another(one: str, other: str, id: str) -> None:
    mine, theirs = Folder("/p", one), Folder("/p", other)
    if one != other:
        assert not mine.path.startswith(theirs.path)
    assert not mine.mark(id).startswith((mine.path, theirs.path))


@given(text.filter(bool), members)
def test_a_key_gives_its_id_back(cluster: str, member: Member) -> None:
    folder = Folder("/p", cluster)
    assert folder.member_id(folder.key(member.id).encode()) == member.id


@given(st.binary())
def test_any_bytes_are_a_member_or_no_record(value: bytes) -> None:
    with suppress(NotARecord):
        assert decode("x", value).id == "x"


@pytest.mark.parametrize(
    "value",
    [
        b"",
        b"null",
        b"[1,2]",
        b"{",
        b"\xff\xfe",
        b'{"id":"x"',
        GO_VALUE.replace(b'"alive"', b'"alive":false,"alive"').replace(
            ID.encode(), b"y"
        ),
        GO_VALUE.replace(b"8080", b'"8080"'),
        GO_VALUE.replace(b"8080", b"-1"),
        GO_VALUE.replace(b"8080", b"65536"),
        GO_VALUE.replace(b"8080", b"true"),
        GO_VALUE.replace(b'["Ponger","prototopic"]', b'"Ponger"'),
        GO_VALUE.replace(b'["Ponger","prototopic"]', b"[1]"),
        GO_VALUE.replace(b'"127.0.0.1"', b'""'),
        GO_VALUE.replace(b'"alive":true', b'"alive":true,"metadata":{"a":1}'),
        GO_VALUE.replace(b'"alive":true', b'"x":' + b'{"x":' * 20_000),
        b"[" * MAX_RECORD,
        b" " * 10_000_000 + GO_VALUE,
    ],
    ids=lambda value: repr(value[:40]),
)
def test_garbage_is_no_record(value: bytes) -> None:
    with pytest.raises(NotARecord):
        decode(ID, value)


@pytest.mark.parametrize("key", [b"/p/a/", b"/p/a/b/c", b"/p/a/\xff", b"/p/a2/x"])
def test_keys_that_name_no_member(key: bytes) -> None:
    with pytest.raises(NotARecord):
        Folder("/p", "a").member_id(key)


@pytest.mark.parametrize(
    "member",
    [
        Member("", "h", 1),
        Member("a/b", "h", 1),
        Member("a", "", 1),
        Member("a", "h", 65536),
        Member("a", "h", 1, frozenset({"\ud800"})),
        Member("a", "h", 1, metadata=(("k", "1"), ("k", "2"))),
        Member("a", "h", 1, metadata=(("k", "v" * MAX_RECORD),)),
    ],
    ids=str,
)
def test_members_that_cannot_be_stored_are_refused(member: Member) -> None:
    with pytest.raises(ValueError, match=r"."):
        encode(member)
