"""Requests for identities that another member owns, as far as is known here."""

from __future__ import annotations

from dataclasses import dataclass

from protoactor import Context
from protoactor_cluster._activation import Waiter
from protoactor_cluster.identity import ClusterIdentity

__all__ = ["HeldTooLong", "Misplaced"]

PATIENCE = 1.0
"""Seconds for which the asker may know more than this member."""


@dataclass(frozen=True, slots=True, eq=False)
class HeldTooLong:
    """The patience with one request is over."""

    identity: ClusterIdentity
    waiters: list[Waiter]


class Misplaced:
    """Keeps them until a newer topology, or until the patience ends."""

    def __init__(self) -> None:
        self._held: dict[HeldTooLong, None] = {}

    def hold(
        self, context: Context, identity: ClusterIdentity, waiters: list[Waiter]
    ) -> None:
        held = HeldTooLong(identity, waiters)
        self._held[held] = None
        context.scheduler.send_once(PATIENCE, context.self, held)

    def take(self, held: HeldTooLong) -> bool:
        """Whether nobody has taken it before."""
        return held in self._held and self._held.pop(held, True) is None

    def take_all(self) -> list[tuple[ClusterIdentity, list[Waiter]]]:
        held, self._held = self._held, {}
        return [(it.identity, it.waiters) for it in held]
