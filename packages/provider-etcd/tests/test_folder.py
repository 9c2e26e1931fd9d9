"""Keys: protoactor-go's, and safe for every name."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protoactor_cluster.spi import NotARecord
from protoactor_provider_etcd._folder import Folder

ID = "cluster-example@NeyzJ6ZJ3DV7GNMFYz7R8H"
GO_KEY = f"/protoactor/cluster-example/{ID}"

text = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)
ids = text.filter(lambda id: "/" not in id)


def test_the_key_is_protoactor_gos() -> None:
    folder = Folder("/protoactor", "cluster-example")
    assert folder.key(ID) == GO_KEY
    assert folder.member_id(GO_KEY.encode()) == ID


@given(st.text(min_size=1), st.text(min_size=1), st.text(min_size=1))
def test_no_clusters_path_is_part_of_another(one: str, other: str, id: str) -> None:
    mine, theirs = Folder("/p", one), Folder("/p", other)
    if one != other:
        assert not mine.path.startswith(theirs.path)
    assert not mine.mark(id).startswith((mine.path, theirs.path))


@given(text, ids)
def test_a_key_gives_its_id_back(cluster: str, id: str) -> None:
    folder = Folder("/p", cluster)
    assert folder.member_id(folder.key(id).encode()) == id


@pytest.mark.parametrize("key", [b"/p/a/", b"/p/a/b/c", b"/p/a/\xff", b"/p/a2/x"])
def test_keys_that_name_no_member(key: bytes) -> None:
    with pytest.raises(NotARecord):
        Folder("/p", "a").member_id(key)
