"""Values that members publish for all others to see."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import TYPE_CHECKING, TypeVar

from protoactor_cluster._gossip_value import pack_any, unpack
from protoactor_cluster.consensus import Consensus, agreed
from protoactor_cluster.events import GossipChanged

if TYPE_CHECKING:
    from protoactor_cluster._gossiper import Gossiper
    from protoactor_cluster.cluster import Cluster

__all__ = ["Gossip"]

T = TypeVar("T")
RESERVED = ("topology", "heathbeat", "left")
RESERVED_PREFIXES = ("reb:", "py:")


class Gossip:
    """A small map per member that spreads to all members within a second or so.

    Values are protobuf messages or anything msgspec encodes; the newest of each
    member and key wins. They are forgotten with the member. Only members take part.

    >>> cluster.gossip.set("load", 0.7)
    >>> loads = cluster.gossip.get("load", float)
    """

    def __init__(self, cluster: Cluster, gossiper: Gossiper) -> None:
        self._cluster = cluster
        self._gossiper = gossiper

    def set(self, key: str, value: object) -> None:
        """Publish an own value. Raises `ValueError` for a reserved or a large one."""
        if key in RESERVED or key.startswith(RESERVED_PREFIXES):
            raise ValueError(f"gossip key {key!r} is reserved: choose another one")
        self._gossiper.say(key, pack_any(value))

    def get(self, key: str, value_type: type[T]) -> dict[str, T]:
        """Every member's value by member id; those of another type are left out."""
        values: dict[str, T] = {}
        for member_id, entry in self._gossiper.state.get(key).items():
            try:
                values[member_id] = unpack(entry.value, value_type)
            except ValueError:
                continue
        return values

    async def updates(
        self, key: str, value_type: type[T]
    ) -> AsyncGenerator[tuple[str, T], None]:
        """Member id and value, of what is known now and of every change by others."""
        events = self._cluster.system.events
        async with events.stream(GossipChanged) as changes:
            for member_id, value in self.get(key, value_type).items():
                yield member_id, value
            async for change in changes:
                values = self.get(key, value_type) if change.key == key else {}
                if change.member_id in values:
                    yield change.member_id, values[change.member_id]

    async def agreement(self, key: str, value_type: type[T], *, timeout: float) -> T:
        """Wait until all members have published the same value; returns it.

        Raises `TimeoutError` after `timeout` seconds.
        """

        def read() -> T | None:
            members = self._cluster.topology.by_id
            return agreed(members, self.get(key, value_type))

        consensus = Consensus(read)
        forget = self._gossiper.on_change(consensus.changed)
        try:
            return await consensus.reached(timeout=timeout)
        finally:
            forget()
