"""Systems that this node does not talk to."""

from __future__ import annotations

from collections.abc import Callable

from protoactor import EventStream
from protoactor_remote.events import MemberBlocked

__all__ = ["BlockList"]


class BlockList:
    """System ids, with the time until which each is blocked.

    A system has a new id each time it starts, so blocking one never hits the next
    on the same address.
    """

    def __init__(self, events: EventStream, clock: Callable[[], float]) -> None:
        self._events = events
        self._clock = clock
        self._until: dict[str, float] = {}

    def block(
        self, member_id: str, reason: str = "", *, seconds: float | None = None
    ) -> None:
        """Refuse this system, for ever or for some seconds; open connections end."""
        until = float("inf") if seconds is None else self._clock() + seconds
        self._until[member_id] = max(until, self._until.get(member_id, until))
        self._events.publish(MemberBlocked(member_id, reason))

    def unblock(self, member_id: str) -> None:
        self._until.pop(member_id, None)

    def is_blocked(self, member_id: str) -> bool:
        return self._until.get(member_id, 0.0) > self._clock()

    def members(self) -> frozenset[str]:
        """The ids that are blocked now."""
        now = self._clock()
        self._until = {id: until for id, until in self._until.items() if until > now}
        return frozenset(self._until)
