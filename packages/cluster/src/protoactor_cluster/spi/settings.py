"""How to reach a service and how long to wait for it, checked once."""

from __future__ import annotations

from dataclasses import dataclass, field

from protoactor_cluster.errors import JoinTimeout
from protoactor_cluster.spi.endpoint import Endpoint, endpoints_text
from protoactor_cluster.spi.fault import Fault
from protoactor_cluster.spi.seconds import positive_seconds
from protoactor_cluster.spi.store import Timing
from protoactor_cluster.spi.tls import ServiceTLS

__all__ = ["Settings"]


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that the threads of a provider need to know; times in seconds."""

    service: str
    endpoints: tuple[Endpoint, ...]
    timing: Timing
    prefix: str
    timeout: float
    tls: ServiceTLS | None
    user: str | None = None
    password: str | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        positive_seconds("timeout", self.timeout)
        if (self.user is None) != (self.password is None):
            raise ValueError("give both `user` and `password`, or neither")

    @property
    def call_timeout(self) -> float:
        """Of one call: a service that hangs is noticed before the lease can end."""
        timing = self.timing
        return min(self.timeout, timing.interval, timing.join_timeout / 2)

    def unanswered(self, trouble: Fault | None) -> JoinTimeout:
        """The error that says where, for how long, and what to look at."""
        return JoinTimeout(
            f"no answer from {self.service} at {endpoints_text(self.endpoints)} "
            f"within {self.timing.join_timeout:g} s: "
            f"{trouble.reason if trouble else 'still waiting'}; {self._hint()}"
        )

    def _hint(self) -> str:
        if self.tls is None:
            return "is it up, is the address right, and does it want `tls=`?"
        return "is it up, does it speak TLS, and did `ca` sign its certificate?"
