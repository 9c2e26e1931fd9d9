"""Where an actor's messages wait.

Without a mailbox in its props an actor has the unbounded one that is built into
its cell. The classes here are for what that one does not do.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from enum import Enum
from typing import NamedTuple, Protocol

from protoactor._envelope import Envelope
from protoactor.messages import Prioritized

__all__ = [
    "BatchingMailbox",
    "BoundedMailbox",
    "Dropped",
    "Mailbox",
    "MailboxStatistics",
    "ObservedMailbox",
    "Overflow",
    "PriorityMailbox",
    "UnboundedMailbox",
]


class Dropped(NamedTuple):
    """What a full mailbox gave up; `refused` if the sender shall hear `Overloaded`."""

    item: object
    refused: bool


class Mailbox(Protocol):
    """A queue of user messages; system messages never pass through it."""

    def put(self, item: object) -> Dropped | None:
        """Take a message in; returns what had to be dropped for it, if anything."""
        ...

    def take(self) -> Iterable[object] | None:
        """What to handle next, or `None` when empty."""
        ...

    def __len__(self) -> int: ...


class UnboundedMailbox:
    """First in, first out, without limit."""

    def __init__(self) -> None:
        self._items: list[object] = []

    def put(self, item: object) -> Dropped | None:
        self._items.append(item)
        return None

    def take(self) -> Iterable[object] | None:
        if not self._items:
            return None
        items, self._items = self._items, []
        return items

    def __len__(self) -> int:
        return len(self._items)


class Overflow(Enum):
    """What a full `BoundedMailbox` does."""

    DROP_NEWEST = "drop newest"
    """The arriving message becomes a dead letter."""
    DROP_OLDEST = "drop oldest"
    """The message that waited longest becomes a dead letter."""
    REJECT = "reject"
    """The arriving message is refused: its sender gets `Overloaded`."""


class BoundedMailbox:
    """First in, first out, at most `size` messages; never blocks a sender."""

    def __init__(self, size: int, overflow: Overflow = Overflow.REJECT) -> None:
        if size < 1:
            raise ValueError(f"a mailbox holds at least 1 message, not {size}")
        self._size = size
        self._overflow = overflow
        self._items: deque[object] = deque()

    def put(self, item: object) -> Dropped | None:
        if len(self._items) < self._size:
            self._items.append(item)
            return None
        if self._overflow is not Overflow.DROP_OLDEST:
            return Dropped(item, self._overflow is Overflow.REJECT)
        oldest = self._items.popleft()
        self._items.append(item)
        return Dropped(oldest, refused=False)

    def take(self) -> Iterable[object] | None:
        return (self._items.popleft(),) if self._items else None

    def __len__(self) -> int:
        return len(self._items)


class PriorityMailbox:
    """Messages with a higher `priority` (0 to 7, others 4) overtake."""

    LEVELS = 8
    DEFAULT = 4

    def __init__(self) -> None:
        self._levels: tuple[deque[object], ...] = tuple(
            deque() for _ in range(self.LEVELS)
        )

    def put(self, item: object) -> Dropped | None:
        message = item.message if isinstance(item, Envelope) else item
        wanted = message.priority if isinstance(message, Prioritized) else self.DEFAULT
        self._levels[min(max(wanted, 0), self.LEVELS - 1)].append(item)
        return None

    def take(self) -> Iterable[object] | None:
        for level in reversed(self._levels):
            if level:
                return (level.popleft(),)
        return None

    def __len__(self) -> int:
        return sum(map(len, self._levels))


class BatchingMailbox:
    """Hands the actor lists of up to `size` messages; senders are not kept."""

    def __init__(self, size: int) -> None:
        if size < 1:
            raise ValueError(f"a batch holds at least 1 message, not {size}")
        self._size = size
        self._items: deque[object] = deque()

    def put(self, item: object) -> Dropped | None:
        self._items.append(item)
        return None

    def take(self) -> Iterable[object] | None:
        if not self._items:
            return None
        count = min(self._size, len(self._items))
        items = [self._items.popleft() for _ in range(count)]
        return ([i.message if isinstance(i, Envelope) else i for i in items],)

    def __len__(self) -> int:
        return len(self._items)


class MailboxStatistics(Protocol):
    """Hooks for measuring a mailbox; they must not raise."""

    def posted(self, item: object) -> None: ...
    def taken(self, item: object) -> None: ...
    def emptied(self) -> None: ...


class ObservedMailbox:
    """Another mailbox with statistics hooks around it."""

    def __init__(self, inner: Mailbox, hooks: Sequence[MailboxStatistics]) -> None:
        self._inner = inner
        self._hooks = tuple(hooks)

    def put(self, item: object) -> Dropped | None:
        for hook in self._hooks:
            hook.posted(item)
        return self._inner.put(item)

    def take(self) -> Iterable[object] | None:
        items = self._inner.take()
        if items is None:
            for hook in self._hooks:
                hook.emptied()
            return None
        return self._observed(items)

    def _observed(self, items: Iterable[object]) -> Iterable[object]:
        for item in items:
            for hook in self._hooks:
                hook.taken(item)
            yield item

    def __len__(self) -> int:
        return len(self._inner)
