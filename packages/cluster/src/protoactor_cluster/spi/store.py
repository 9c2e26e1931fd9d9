"""What a provider has to know of its service; the rest is the same for all of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from protoactor_cluster.errors import ClusterError
from protoactor_cluster.provider import Member
from protoactor_cluster.spi.contact import Contact
from protoactor_cluster.spi.fault import Fault
from protoactor_cluster.spi.roster import Listed
from protoactor_cluster.spi.seconds import positive_seconds

__all__ = ["Claim", "Picture", "Source", "Store", "Timing"]


@dataclass(frozen=True, slots=True)
class Timing:
    """All in seconds.

    Args:
        ttl: After this much silence the service forgets a member.
        stall_limit: How long the event loop may hang before it costs the membership.
        join_timeout: How long joining, and a client's first view, may take.
    """

    ttl: float
    stall_limit: float
    join_timeout: float

    def __post_init__(self) -> None:
        for name in ("ttl", "stall_limit", "join_timeout"):
            positive_seconds(name, getattr(self, name))

    @property
    def interval(self) -> float:
        """From one renewal to the next."""
        return self.ttl / 3


@dataclass(frozen=True, slots=True)
class Picture:
    """The members in the store, by id, at one revision of it."""

    members: Mapping[str, Listed]
    revision: int


class Claim(Protocol):
    """One member's place in the store. Blocks: it belongs to one thread.

    Every method may raise a `Fault`; a revision is the store's after the write.
    """

    def register(self) -> int:
        """Take the place, whatever was there; returns the revision."""
        ...

    def renew(self) -> int | None:
        """Keep the place; the revision if it had to be taken again.

        That is right only if nobody has noticed its end. Raises `Evicted`.
        """
        ...

    def stall(self) -> None:
        """The event loop hangs, this is no time to `renew`."""
        ...

    def withdraw(self) -> None:
        """Give the place back, if the service can be reached, and close. No `Fault`."""
        ...


class Source(Protocol):
    """The members in the store, followed by one thread. Blocks."""

    def follow(self) -> Iterator[Picture]:
        """A picture now, after every change, and every `interval` or so.

        Ends when it is interrupted; raises the `Fault` that broke it.
        """
        ...

    def evict(self, member_id: str, since: int) -> bool:
        """Let nobody register this id again; raises a `Fault` if that is undecided.

        False if it registered after the revision `since`. Registering and evicting
        exclude each other in the store: all members agree on which came first.
        """
        ...

    def failed(self, error: Fault) -> None:
        """What it said cannot be used: start over."""
        ...

    def interrupt(self) -> None:
        """From another thread, and without blocking: let `follow` end."""
        ...

    def close(self) -> None: ...


class Store(Protocol):
    """One service, as it was configured."""

    @property
    def name(self) -> str:
        """As it stands in log lines and thread names."""
        ...

    @property
    def timing(self) -> Timing: ...

    def claim(self, cluster: str, member: Member, contact: Contact) -> Claim:
        """Does not block; raises `ValueError` for what the store cannot hold."""
        ...

    def source(self, cluster: str, contact: Contact) -> Source:
        """Does not block; raises `ValueError` for what the store cannot hold."""
        ...

    def explain(self, trouble: Fault | None) -> ClusterError:
        """Why it could not be used in the first place, and what to look at.

        A `JoinTimeout`, or another error if it refused.
        """
        ...
