"""Messages taken out of a mailbox and not handled yet."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence

__all__ = ["Backlog"]


class Backlog:
    """An iterator that can be given more to hand out first, however often."""

    __slots__ = ("_items",)

    def __init__(self, items: Iterable[object]) -> None:
        self._items = deque(items)

    def __iter__(self) -> Backlog:
        return self

    def __next__(self) -> object:
        if not self._items:
            raise StopIteration
        return self._items.popleft()

    def __length_hint__(self) -> int:
        return len(self._items)

    def put_first(self, items: Sequence[object]) -> None:
        self._items.extendleft(reversed(items))
