"""Gossip between `GossipState` and the wire."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from google.protobuf.message import DecodeError

from protoactor_cluster.gossip_entry import GossipDelta, GossipEntry, GossipValue
from protoactor_cluster.gossip_state import GossipState
from protoactor_cluster.wire import gossip_pb2

__all__ = ["GossipReader", "decode_gossip", "encode_gossip"]

T = TypeVar("T")


def encode_gossip(delta: GossipDelta) -> gossip_pb2.GossipState:
    """The delta as it travels. The time field stays unset: receivers use their own."""
    state = gossip_pb2.GossipState()
    for member_id, entries in delta.entries.items():
        values = state.members[member_id].values
        for key, entry in entries.items():
            values[key].sequence_number = entry.sequence
            values[key].value.type_url = entry.value.type_url
            values[key].value.value = entry.value.data
    return state


def decode_gossip(
    state: gossip_pb2.GossipState,
) -> dict[str, dict[str, tuple[int, GossipValue]]]:
    """What `GossipState.merge` takes; entries without id, key or value are left out."""
    return {
        member_id: {
            key: (
                entry.sequence_number,
                GossipValue(entry.value.type_url, entry.value.value),
            )
            for key, entry in member.values.items()
            if key and entry.HasField("value") and entry.sequence_number >= 0
        }
        for member_id, member in state.members.items()
        if member_id
    }


class GossipReader(Generic[T]):
    """Decodes what members say under one key, each value once.

    A value that cannot be decoded counts as not said.
    """

    def __init__(self, key: str, decode: Callable[[bytes], T]) -> None:
        self._key = key
        self._decode = decode
        self._decoded: dict[str, tuple[int, T | None]] = {}

    def read(self, state: GossipState) -> dict[str, T]:
        """The decoded values by member id."""
        entries = state.get(self._key)
        self._decoded = {id: self._fresh(id, entry) for id, entry in entries.items()}
        return {
            id: value for id, (_, value) in self._decoded.items() if value is not None
        }

    def read_one(self, state: GossipState, member_id: str) -> T | None:
        """What this member says; `None` if nothing, or nothing of sense."""
        entry = state.entry(member_id, self._key)
        if entry is None:
            return None
        self._decoded[member_id] = self._fresh(member_id, entry)
        return self._decoded[member_id][1]

    def _fresh(self, member_id: str, entry: GossipEntry) -> tuple[int, T | None]:
        known = self._decoded.get(member_id)
        if known and known[0] == entry.stamp:
            return known
        try:
            return entry.stamp, self._decode(entry.value.data)
        except (DecodeError, ValueError):
            return entry.stamp, None
