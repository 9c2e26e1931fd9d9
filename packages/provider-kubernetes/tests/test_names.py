"""Names that Kubernetes accepts."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from protoactor_provider_kubernetes._names import label_of, lease_name

LABEL = re.compile(r"(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?")
DNS = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")

names = st.text(min_size=1, max_size=200)


@given(names)
def test_labels_are_valid(name: str) -> None:
    label = label_of(name)
    assert LABEL.fullmatch(label)
    assert 0 < len(label) <= 63


@given(names, names)
def test_lease_names_are_valid(cluster: str, member_id: str) -> None:
    name = lease_name(cluster, member_id)
    assert DNS.fullmatch(name)
    assert len(name) <= 253


def test_a_name_that_may_be_a_label_is_one() -> None:
    assert label_of("shop-2.eu_west") == "shop-2.eu_west"


def test_similar_names_stay_apart() -> None:
    clusters = ["shop", "Shop", "shop/", "shop/eu", "shop-eu", "shop.", "x" * 64]
    assert len({label_of(name) for name in clusters}) == len(clusters)
    assert len({lease_name(name, "a") for name in clusters}) == len(clusters)
    assert lease_name("shop", "aB") != lease_name("shop", "ab")
