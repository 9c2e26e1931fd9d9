"""Where members lie: like protoactor-go's, and safe for every name."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from protoactor_provider_zookeeper._folder import FORBIDDEN, Folder

names = st.text(min_size=1)


def test_the_cluster_lies_where_protoactor_go_has_it() -> None:
    assert Folder("/protoactor", "my cluster").path == "/protoactor/my cluster"


def test_a_node_is_named_like_a_protected_one() -> None:
    stem = Folder("/protoactor", "shop").stem("NeyzJ6ZJ3DV7GNMFYz7R8H")
    assert re.fullmatch(r"_c_[0-9a-f]{32}-actor-", stem)
    assert stem == Folder("/protoactor", "other").stem("NeyzJ6ZJ3DV7GNMFYz7R8H")
    assert stem != Folder("/protoactor", "shop").stem("NeyzJ6ZJ3DV7GNMFYz7R8I")


@given(names, names, names, names)
def test_no_two_names_share_a_node(a: str, b: str, id: str, other: str) -> None:
    mine, theirs = Folder("/p", a), Folder("/p", b)
    if a != b:
        assert mine.path != theirs.path
        assert mine.claim(id) != theirs.claim(other)
    if id != other:
        assert mine.claim(id) != mine.claim(other)
        assert mine.mark(id) != mine.mark(other)
    outside = {theirs.claims, theirs.marks, theirs.claim(id), theirs.mark(id)}
    assert mine.path not in outside


@given(names, names)
def test_zookeeper_takes_every_name(cluster: str, id: str) -> None:
    folder = Folder("/p", cluster)
    for path in (folder.path, folder.claim(id), folder.mark(id)):
        for segment in path.split("/")[1:]:
            assert segment not in ("", ".", "..")
            assert not FORBIDDEN.search(segment.replace("%", ""))
