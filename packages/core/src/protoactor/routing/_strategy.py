"""Which routees get a message."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Protocol

from protoactor._pid import PID

__all__ = [
    "Broadcasting",
    "RandomPick",
    "RoundRobin",
    "RoutingStrategy",
    "Unroutable",
]


class Unroutable(Exception):
    """No routee fits the message; the text says why and is one of a few."""


class RoutingStrategy(Protocol):
    """Picks routees in the sender's turn: quick, and never waiting for anything."""

    def pick(self, routees: tuple[PID, ...], message: object) -> Sequence[PID]:
        """Those of `routees` (never empty) that get the message.

        The same tuple comes again until the routees change. Raises `Unroutable`
        with the reason of the dead letter.
        """
        ...


class Broadcasting:
    """Everyone."""

    def pick(self, routees: tuple[PID, ...], message: object) -> Sequence[PID]:
        return routees


class RoundRobin:
    """One after the other, beginning with the first."""

    def __init__(self) -> None:
        self._next = 0

    def pick(self, routees: tuple[PID, ...], message: object) -> Sequence[PID]:
        index = self._next % len(routees)
        self._next = index + 1
        return (routees[index],)


class RandomPick:
    """Anyone."""

    def pick(self, routees: tuple[PID, ...], message: object) -> Sequence[PID]:
        return (random.choice(routees),)
