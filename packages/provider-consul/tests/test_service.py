"""A member as a service: protoactor-go's, and robust against whatever else is there."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protoactor_cluster.provider import Member
from protoactor_cluster.spi import NotARecord, Timing
from protoactor_provider_consul._service import (
    decode_service,
    encode_service,
    is_critical,
    service_name,
)

TIMING = Timing(5.0, 10.0, 10.0)
MEMBER = Member("NeyzJ6", "127.0.0.1", 8080, frozenset({"prototopic", "Ponger"}))

text = st.text(st.characters(exclude_categories=["Cs"]))
members = st.builds(
    Member,
    id=text.filter(lambda id: bool(id) and "/" not in id),
    host=text.filter(bool),
    port=st.integers(0, 65535),
    kinds=st.frozensets(text, max_size=5),
    metadata=st.lists(st.tuples(text, text), max_size=5).map(tuple),
)


def encode(member: Member) -> dict[str, Any]:
    return cast("dict[str, Any]", encode_service("shop", member, TIMING, 60.0))


def as_listed(registered: dict[str, Any]) -> dict[str, Any]:
    """What Consul makes of it."""
    listed = json.loads(json.dumps(registered, sort_keys=True))
    return {**listed, "Service": listed["Name"], "Tags": listed["Tags"] or None}


def test_the_service_is_protoactor_gos() -> None:
    assert encode(MEMBER) == {
        "ID": "NeyzJ6",
        "Name": "shop",
        "Tags": ["Ponger", "prototopic"],
        "Address": "127.0.0.1",
        "Port": 8080,
        "Meta": {"id": "NeyzJ6"},
        "Check": {
            "TTL": "5.000s",
            "Status": "passing",
            "DeregisterCriticalServiceAfter": "60.000s",
        },
    }


@given(members)
def test_a_member_comes_back_as_it_went(member: Member) -> None:
    assert decode_service(as_listed(encode(member))) == member


@given(members)
def test_consul_takes_the_values(member: Member) -> None:
    meta = encode(member)["Meta"]
    for key in meta:
        assert key == "id" or key.replace("-", "").isalnum()
    assert all(len(meta[key].encode()) <= 512 for key in meta if key != "id")


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)
GOOD = as_listed(encode(MEMBER))


@given(st.sampled_from(["ID", "Address", "Port", "Tags", "Meta"]), json_values)
def test_any_service_is_a_member_or_none(field: str, value: object) -> None:
    with suppress(NotARecord):
        member = decode_service({**GOOD, field: value})
        assert member.id and member.host
        assert all(isinstance(kind, str) for kind in member.kinds)


@pytest.mark.parametrize(
    "service",
    [
        {},
        {**GOOD, "Meta": None},
        {**GOOD, "Meta": {}},
        {**GOOD, "Meta": {"id": ""}},
        {**GOOD, "Address": ""},
        {**GOOD, "Port": "8080"},
        {**GOOD, "Port": 65536},
        {**GOOD, "Tags": [1]},
        {**GOOD, "Tags": ["x" * 100_000]},
        {**GOOD, "Meta": {"id": "a", "metadata-0": "garbage"}},
        {**GOOD, "Meta": {"id": "a", "metadata-0": "[[1, 2]]"}},
        {**GOOD, "Meta": {"id": "a", "metadata-0": "[" * 5000}},
        {**GOOD, "Meta": {"id": "a", "metadata-0": '"ab"'}},
        {**GOOD, "Meta": {"id": "a", "metadata-0": 1}},
    ],
    ids=lambda service: str(service)[-60:],
)
def test_garbage_is_no_member(service: object) -> None:
    with pytest.raises(NotARecord):
        decode_service(service)


@pytest.mark.parametrize(
    "member",
    [
        Member("", "h", 1),
        Member("a/b", "h", 1),
        Member("a", "", 1),
        Member("a", "h", 65536),
        Member("a", "h", 1, metadata=(("k", "v" * 64_000),)),
    ],
    ids=lambda member: str(member),
)
def test_members_that_cannot_be_registered_are_refused(member: Member) -> None:
    with pytest.raises(ValueError, match=r"."):
        encode(member)


@given(text.filter(bool), text.filter(bool))
def test_every_cluster_has_a_name_of_its_own(one: str, other: str) -> None:
    assert "/" not in service_name(one)
    if one != other:
        assert service_name(one) != service_name(other)


@pytest.mark.parametrize(
    ("statuses", "critical"),
    [
        (["passing", "passing"], False),
        (["passing", "warning"], False),
        (["critical", "passing"], True),
        (["passing", "critical"], True),
        ([], True),
    ],
)
def test_which_services_are_out_of_order(statuses: list[str], critical: bool) -> None:
    checks = [{"Status": status} for status in statuses]
    assert is_critical({"Checks": checks}) == critical
