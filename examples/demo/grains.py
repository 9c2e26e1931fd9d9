"""The grain of the demo: answers where it lives and how often it was activated."""

from __future__ import annotations

import time
from dataclasses import dataclass

from protoactor_cluster import Grain, rpc


@dataclass(frozen=True, slots=True)
class Pong:
    host: str
    """Address of the member that answered."""
    activated_at: float
    """Wall clock of that process: tells one activation from the next."""
    count: int
    """Pings that this activation has answered: its state."""


class Ponger(Grain, idle_timeout=4.0):
    def __init__(self) -> None:
        self._activated_at = time.time()
        self._count = 0

    @rpc(idempotent=True)
    async def ping(self) -> Pong:
        self._count += 1
        return Pong(self.cluster.member_address, self._activated_at, self._count)
