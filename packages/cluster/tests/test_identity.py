import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protoactor.errors import NotSent
from protoactor_cluster.identity import (
    MAX_NAME_BYTES,
    ClusterIdentity,
    InvalidIdentity,
)

KINDS = st.from_regex(r"\A[A-Za-z_][A-Za-z0-9_.-]{0,20}\Z")
NAMES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=200)


@given(KINDS, NAMES)
def test_an_identity_survives_being_written_down(kind: str, name: str) -> None:
    identity = ClusterIdentity(kind, name)
    assert ClusterIdentity.parse(str(identity)) == identity
    assert (identity.kind, identity.name) == (kind, name)


def test_the_first_slash_separates() -> None:
    assert ClusterIdentity.parse("Topic/a/b") == ClusterIdentity("Topic", "a/b")


def test_dots_do_not_make_identities_collide() -> None:
    assert ClusterIdentity("a.b", "c") != ClusterIdentity("a", "b.c")


@pytest.mark.parametrize(
    "kind", ["", "1a", "a b", "a/b", "ä", "-a", "a\n", ".a", None, 7]
)
def test_a_bad_kind_is_refused(kind: str) -> None:
    with pytest.raises(InvalidIdentity, match="kind"):
        ClusterIdentity(kind, "x")


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("", "must not be empty"),
        (7, "must be a str, not int"),
        (None, "must be a str, not NoneType"),
        (b"x", "must be a str, not bytes"),
        ("\ud800", "lone surrogate"),
        ("x" * (MAX_NAME_BYTES + 1), "1025 bytes"),
        ("ü" * (MAX_NAME_BYTES // 2 + 1), "1026 bytes"),
    ],
)
def test_trap_44_a_bad_name_is_refused_with_the_reason(name: str, fault: str) -> None:
    with pytest.raises(InvalidIdentity, match=re.escape(fault)):
        ClusterIdentity("Kind", name)


@pytest.mark.parametrize("name", ["x" * MAX_NAME_BYTES, "ü" * (MAX_NAME_BYTES // 2)])
def test_a_name_of_one_kibibyte_is_allowed(name: str) -> None:
    assert ClusterIdentity("Kind", name).name == name


@pytest.mark.parametrize("text", ["", "Counter", "/x", "Counter/"])
def test_text_that_is_not_kind_and_name_is_refused(text: str) -> None:
    with pytest.raises(InvalidIdentity):
        ClusterIdentity.parse(text)


def test_it_is_the_callers_mistake() -> None:
    assert issubclass(InvalidIdentity, NotSent)
    assert issubclass(InvalidIdentity, ValueError)


def test_a_long_name_is_not_repeated_in_the_error() -> None:
    with pytest.raises(InvalidIdentity) as caught:
        ClusterIdentity("Kind", "x" * 100_000)
    assert len(str(caught.value)) < 200
