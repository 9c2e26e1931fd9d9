"""Records: protoactor-go's, and robust against any bytes."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protoactor_cluster.provider import Member
from protoactor_cluster.spi import (
    MAX_RECORD,
    NotARecord,
    decode_record,
    encode_record,
)

ID = "cluster-example@NeyzJ6ZJ3DV7GNMFYz7R8H"
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


def test_the_record_is_protoactor_gos() -> None:
    assert encode_record(MEMBER) == GO_VALUE


def test_a_record_of_protoactor_go_is_read() -> None:
    assert decode_record(GO_VALUE, ID) == MEMBER


@pytest.mark.parametrize("kinds", ["null", "[]"])
def test_go_has_two_ways_to_write_no_kinds(kinds: str) -> None:
    value = GO_VALUE.replace(b'["Ponger","prototopic"]', kinds.encode())
    assert decode_record(value, ID).kinds == frozenset()


def test_go_falls_back_to_the_address() -> None:
    value = GO_VALUE.replace(b'"host":"127.0.0.1"', b'"host":""')
    assert decode_record(value, ID) == MEMBER


@given(members)
def test_a_member_comes_back_as_it_went(member: Member) -> None:
    assert decode_record(encode_record(member), member.id) == member


@given(st.binary())
def test_any_bytes_are_a_member_or_no_record(value: bytes) -> None:
    with suppress(NotARecord):
        assert decode_record(value, "x").id == "x"


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
        decode_record(value, ID)


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
        encode_record(member)


def test_any_id_will_do_where_none_is_expected() -> None:
    assert decode_record(GO_VALUE) == MEMBER
    with pytest.raises(NotARecord, match="no id"):
        decode_record(GO_VALUE.replace(ID.encode(), b""))
