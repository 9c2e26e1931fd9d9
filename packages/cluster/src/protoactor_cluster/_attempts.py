"""How one call is made, and what is left of its time and retries."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Mapping

import msgspec
from opentelemetry.trace import SpanContext

from protoactor import OutcomeUnknown
from protoactor_cluster.errors import ActivationFailed, KindNotFound
from protoactor_cluster.lookup import NotPlaced

__all__ = ["DEFAULT", "Attempts", "CallOptions"]

FIRST_PAUSE = 0.005
LONGEST_PAUSE = 0.5
KIND_GRACE = 1.0
"""Seconds for which an unknown kind may still turn up: members join one by one."""


class CallOptions(msgspec.Struct, frozen=True):
    """How one call is made; seconds."""

    timeout: float | None = None
    retries: int | None = None
    """After `NotDelivered`; `None`: as many as the deadline allows."""
    idempotency_key: str | None = None
    idempotent: bool = False
    """May be sent again after `OutcomeUnknown` too."""
    reentrant: bool = False
    headers: Mapping[str, str] | None = None


DEFAULT = CallOptions()


class Attempts:
    """What is left of a call's time and retries."""

    __slots__ = (
        "_loop",
        "_random",
        "cached",
        "deadline",
        "left",
        "made",
        "timeout",
        "trace",
        "unknown",
    )

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        rng: random.Random,
        timeout: float,
        retries: int | None,
        started: float,
    ) -> None:
        self._loop = loop
        self._random = rng
        self.timeout = timeout
        self.deadline = started + timeout
        self.left = retries
        self.made = 1
        self.cached = True
        """Whether no look-up was needed."""
        self.unknown: OutcomeUnknown | None = None
        """An earlier attempt may have run."""
        self.trace: SpanContext | None = None
        """Of the call, if somebody records it."""

    @property
    def remaining(self) -> float:
        return self.deadline - self._loop.time()

    async def again(self, error: Exception) -> None:
        """Wait before the next attempt; raises how the call ended if there is none.

        To wait for the cluster to find its feet does not count as a retry.
        """
        if isinstance(error, OutcomeUnknown):
            self.unknown = error
        if self.remaining <= FIRST_PAUSE:
            raise self.outcome(error)
        if self.left is not None and not isinstance(error, NotPlaced):
            if self.left == 0:
                raise self.outcome(error)
            self.left -= 1
        pause = min(FIRST_PAUSE * 2.0 ** (self.made - 1), LONGEST_PAUSE)
        pause *= self._random.uniform(0.5, 1.5)
        self.made += 1
        await asyncio.sleep(min(pause, self.remaining / 2))

    def useless(self, error: Exception) -> bool:
        """Whether trying again within this call cannot help."""
        if isinstance(error, KindNotFound):
            waited = self.timeout - self.remaining
            return error.members > 0 and waited >= KIND_GRACE
        return isinstance(error, ActivationFailed)

    def outcome(self, error: Exception) -> Exception:
        """What to raise: that it did not run is only true if it never may have."""
        return self.unknown or error
