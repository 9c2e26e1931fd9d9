"""Whether the service is within reach, as all threads of a provider see it together."""

from __future__ import annotations

import logging
import threading

from protoactor_cluster._clock import Clock, now

__all__ = ["Contact"]


class Contact:
    """Remembers the last outage; contact has settled `hold` seconds after its end.

    A service that comes back may have lost its leases or all of its data: members get
    this long to register again before anyone takes them for gone.
    """

    def __init__(self, service: str, hold: float, clock: Clock = now) -> None:
        self._service = service
        self._log = logging.getLogger(f"protoactor.provider.{service}")
        self._hold = hold
        self._clock = clock
        self._lock = threading.Lock()
        self._out: set[object] = set()
        self._ended = float("-inf")

    def lost(self, who: object, reason: str) -> None:
        """A call of `who` did not get through."""
        with self._lock:
            first = not self._out
            self._out.add(who)
        if first:
            text = "lost touch with %s, members stay as they are: %s"
            self._log.warning(text, self._service, reason)

    def regained(self, who: object) -> None:
        """A call of `who` got through."""
        with self._lock:
            if who not in self._out:
                return
            self._out.remove(who)
            self._ended = self._clock()
            last = not self._out
        if last:
            self._log.warning("in touch with %s again", self._service)

    def retire(self, who: object) -> None:
        """`who` makes no more calls, so its failures count no longer."""
        with self._lock:
            self._out.discard(who)

    def was_lost_since(self, moment: float) -> bool:
        """Whether etcd was out of reach at any time after `moment`."""
        with self._lock:
            return bool(self._out) or self._ended > moment

    @property
    def settled(self) -> bool:
        """Whether what etcd no longer has may be taken for gone."""
        with self._lock:
            return not self._out and self._clock() >= self._ended + self._hold
