"""The JSON of `/_health`: what protoactor-go reads and writes, and what it never sends."""

from __future__ import annotations

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protoactor_cluster.provider import Member
from protoactor_provider_automanaged._health import BadHealth, Health

GO = (
    b'{"id":"NeyzJ6ZJ3DV7GNMFYz7R8H","address":"127.0.0.1","auto_manage_port":6331,'
    b'"port":8080,"kinds":["Ponger","prototopic"],"cluster_name":"cluster-example"}\n'
)
PONGER = Member(
    "NeyzJ6ZJ3DV7GNMFYz7R8H", "127.0.0.1", 8080, frozenset({"Ponger", "prototopic"})
)
GOOD = json.loads(GO)


def test_the_bytes_are_those_of_protoactor_go() -> None:
    assert Health(PONGER, "cluster-example").to_json(6331) == GO


def test_the_bytes_of_protoactor_go_are_understood() -> None:
    assert Health.from_json(GO) == Health(PONGER, "cluster-example")


def test_no_kinds_are_an_empty_list() -> None:
    body = Health(Member("a", "h", 1), "shop").to_json(2)
    assert json.loads(body)["kinds"] == []


def test_metadata_is_one_more_key_that_go_ignores() -> None:
    member = Member("a", "h", 1, metadata=(("lookup", "partition"),))
    fields = json.loads(Health(member, "shop").to_json(2))
    assert list(fields) == [*GOOD, "metadata"]


@pytest.mark.parametrize(
    "change",
    [
        {"kinds": None},  # what Go makes of a list that was never filled
        {"unknown": {"deep": [1, 2]}},
        {"auto_manage_port": "not needed"},
    ],
)
def test_what_others_may_add_or_leave_out_is_accepted(
    change: dict[str, object],
) -> None:
    assert Health.from_json(json.dumps(GOOD | change).encode()).member.id == PONGER.id


@pytest.mark.parametrize(
    "change",
    [
        {"id": ""},
        {"id": 7},
        {"id": None},
        {"id": "a\nb"},
        {"id": "\ud800"},
        {"address": ""},
        {"address": ["127.0.0.1"]},
        {"port": "8080"},
        {"port": 0},
        {"port": -1},
        {"port": 65536},
        {"port": 8080.5},
        {"port": True},
        {"kinds": "Ponger"},
        {"kinds": [7]},
        {"kinds": {"Ponger": True}},
        {"cluster_name": None},
        {"metadata": []},
        {"metadata": {"a": 1}},
    ],
)
def test_wrong_types_are_refused(change: dict[str, object]) -> None:
    with pytest.raises(BadHealth):
        Health.from_json(json.dumps(GOOD | change).encode())


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"null",
        b"[]",
        b"7",
        b"\xff\xfe",
        b"{",
        b'{"id": NaN}',
        b"[" * 100_000,
        b'{"port": ' + b"9" * 10_000 + b"}",
    ],
)
def test_other_bytes_are_refused(body: bytes) -> None:
    with pytest.raises(BadHealth):
        Health.from_json(body)


names = st.text(min_size=1).filter(str.isprintable)
texts = st.text(st.characters(exclude_categories=["Cs"]))
members = st.builds(
    Member,
    id=names,
    host=names,
    port=st.integers(1, 65535),
    kinds=st.frozensets(names),
    metadata=st.dictionaries(texts, texts).map(lambda pairs: tuple(pairs.items())),
)
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(members, texts, st.integers(1, 65535))
def test_what_is_written_is_read_again(member: Member, cluster: str, port: int) -> None:
    health = Health(member, cluster)
    assert Health.from_json(health.to_json(port)) == health


@given(st.dictionaries(st.sampled_from([*GOOD, "metadata"]), anything) | anything)
def test_any_json_is_read_or_refused(value: object) -> None:
    changed = GOOD | value if isinstance(value, dict) else value
    with contextlib.suppress(BadHealth):
        Health.from_json(json.dumps(changed).encode())


@given(st.binary())
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    with contextlib.suppress(BadHealth):
        Health.from_json(body)
