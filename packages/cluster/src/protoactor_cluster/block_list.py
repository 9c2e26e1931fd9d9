"""Ids of members that may not come back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

__all__ = ["BlockList"]


class BlockList:
    """A set of member ids that forgets the oldest beyond `capacity`.

    Ids are random per process start, so one forgotten after thousands of
    others does not return in practice; without a bound the list would grow
    with every restart for as long as the cluster lives.
    """

    def __init__(self, capacity: int = 10_000) -> None:
        if capacity < 1:
            raise ValueError(f"capacity must be at least 1, not {capacity}")
        self._capacity = capacity
        self._ids: dict[str, None] = {}

    def add(self, member_ids: Iterable[str]) -> tuple[str, ...]:
        """Block these ids; returns those that were not blocked before."""
        new = tuple(id for id in dict.fromkeys(member_ids) if id not in self._ids)
        self._ids.update(dict.fromkeys(new))
        for oldest in list(self._ids)[: max(0, len(self._ids) - self._capacity)]:
            del self._ids[oldest]
        return new

    def __contains__(self, member_id: object) -> bool:
        return member_id in self._ids

    def __iter__(self) -> Iterator[str]:
        return iter(self._ids)

    def __len__(self) -> int:
        return len(self._ids)
