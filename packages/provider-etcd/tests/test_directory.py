"""The store as a list of members, whatever lies in it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from protoactor_cluster.provider import Member
from protoactor_cluster.spi import encode_record
from protoactor_provider_etcd._directory import Directory
from protoactor_provider_etcd._entry import Change, Entry, Listing
from protoactor_provider_etcd._folder import Folder

FOLDER = Folder("/p", "shop")
IDS = ["a", "b", "c"]


def entry(id: str, port: int, created: int) -> Entry:
    return Entry(FOLDER.key(id).encode(), encode_record(Member(id, "h", port)), created)


def put(id: str, port: int, revision: int) -> Change:
    written = entry(id, port, revision)
    return Change(written.key, written, revision)


def delete(id: str, revision: int) -> Change:
    return Change(FOLDER.key(id).encode(), None, revision)


def garbage(key: bytes, revision: int) -> Change:
    return Change(key, Entry(key, b"garbage", revision), revision)


puts = st.builds(put, st.sampled_from(IDS), st.integers(1, 9), st.just(7))
deletions = st.builds(delete, st.sampled_from(IDS), st.just(7))
spoilt = st.builds(
    garbage, st.sampled_from([FOLDER.key(id).encode() for id in IDS]), st.just(7)
)
strange = st.builds(garbage, st.binary(), st.just(7))


@given(st.lists(puts | deletions | spoilt | strange))
def test_watching_and_listing_agree(changes: list[Change]) -> None:
    watched = Directory(FOLDER)
    for change in changes:
        watched.apply([change])
    final = {change.key: change.entry for change in changes}
    listed = Directory(FOLDER)
    listed.replace(Listing(tuple(e for e in final.values() if e), 7))
    assert watched.members == listed.members


def test_a_batch_moves_the_revision_and_a_sign_of_life_does_not() -> None:
    directory = Directory(FOLDER)
    directory.replace(Listing((entry("a", 1, 3),), 5))
    directory.apply([])
    assert directory.revision == 5
    directory.apply([delete("a", 6), put("b", 2, 8)])
    assert directory.revision == 8
    assert directory.members.keys() == {"b"}


def test_a_member_whose_record_is_spoilt_is_none() -> None:
    directory = Directory(FOLDER)
    directory.apply([put("a", 1, 1), put("b", 2, 2)])
    directory.apply([garbage(FOLDER.key("a").encode(), 3)])
    assert directory.members.keys() == {"b"}
