"""Whether a lease that has ended means that its member was evicted."""

from __future__ import annotations

from protoactor_cluster.spi.contact import Contact

__all__ = ["Tenure"]


class Tenure:
    """The life of one lease, as the thread that renews it remembers it.

    A lease that ends while the service is out of reach evicts nobody. One that ends
    while it could be reached, or while nobody tried to (a frozen process, an event loop
    that hangs), has been seen to end by the other members.
    """

    def __init__(self, ttl: float, contact: Contact) -> None:
        self._ttl = ttl
        self._contact = contact
        self._attempted = float("inf")
        self._renewed = float("-inf")
        self._revision = 0
        self._paused = False

    def attempt(self, now: float) -> None:
        """A renewal is about to be sent."""
        self._paused |= now - self._attempted >= self._ttl
        self._attempted = now

    def renewed(self, revision: int) -> None:
        """The last attempt worked; the lease runs from when it was sent."""
        self._renewed = self._attempted
        self._revision = revision
        self._paused = False

    def evicted(self, revision: int) -> bool:
        """The last attempt found no lease, in a store at this revision."""
        if self._paused:
            return True
        emptied = revision < self._revision
        return not (emptied or self._contact.was_lost_since(self._renewed))
