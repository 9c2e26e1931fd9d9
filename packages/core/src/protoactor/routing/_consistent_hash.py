"""Messages with the same key go to the same routee, also when others come or go."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Callable, Iterator, Sequence
from hashlib import blake2b
from typing import Protocol, runtime_checkable

from protoactor._pid import PID
from protoactor.routing._strategy import Unroutable

__all__ = ["ConsistentHash", "ConsistentHashable", "HashRing"]

REPLICAS = 100
"""Points of every routee on the ring: its share then differs by about a tenth."""


@runtime_checkable
class ConsistentHashable(Protocol):
    """A message that names the key by which it is routed."""

    @property
    def hash_key(self) -> str: ...


class HashRing:
    """A circle of points; a key belongs to the routee of the next point.

    The same on every machine and in every run: it depends on the PIDs alone.
    """

    def __init__(self, routees: Sequence[PID]) -> None:
        points = sorted(point for pid in routees for point in _points(pid))
        self._positions = [position for position, _ in points]
        self._routees = [pid for _, pid in points]

    def owner(self, key: str) -> PID:
        """The routee that this key belongs to."""
        index = bisect(self._positions, _position(key)) % len(self._positions)
        return self._routees[index]


def _points(pid: PID) -> Iterator[tuple[int, PID]]:
    return ((_position(f"{replica}{pid}"), pid) for replica in range(REPLICAS))


def _position(text: str) -> int:
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest())


def _key_of(message: object) -> str | None:
    return message.hash_key if isinstance(message, ConsistentHashable) else None


class ConsistentHash:
    """The routee that owns the key of the message."""

    def __init__(self, key: Callable[[object], str | None] | None = None) -> None:
        self._key = key or _key_of
        self._routees: tuple[PID, ...] = ()
        self._ring = HashRing(())

    def pick(self, routees: tuple[PID, ...], message: object) -> Sequence[PID]:
        key = self._key(message)
        if key is None:
            raise Unroutable("message has no hash key")
        if routees is not self._routees:
            self._routees, self._ring = routees, HashRing(routees)
        return (self._ring.owner(key),)
