"""The seam to the membership service: members in, whole views out."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

__all__ = ["ClusterProvider", "Member", "MembershipView", "has_arbiter", "lease_ttl"]


@dataclass(frozen=True, slots=True)
class Member:
    """A process that hosts grains, as the membership service knows it.

    `id` is new with every process start; `host` and `port` are what other
    members dial.
    """

    id: str
    host: str
    port: int
    kinds: frozenset[str] = frozenset()
    metadata: tuple[tuple[str, str], ...] = ()

    @property
    def address(self) -> str:
        """`host:port`, exactly as it stands in this member's PIDs."""
        return f"{self.host}:{self.port}"

    def __str__(self) -> str:
        return f"{self.id}@{self.address}"


@dataclass(frozen=True, slots=True)
class MembershipView:
    """All members at one moment; `revision` grows with every change a provider sees."""

    members: tuple[Member, ...]
    revision: int = field(compare=False)

    @classmethod
    def of(cls, members: Iterable[Member], revision: int) -> MembershipView:
        """A view with its members in ascending order of id."""
        return cls(tuple(sorted(members, key=lambda member: member.id)), revision)


@runtime_checkable
class ClusterProvider(Protocol):
    """What etcd, Consul, Kubernetes, ZooKeeper or the members themselves offer.

    Two attributes are optional. `lease_ttl` (default 5.0): after how many seconds
    of silence others may take a member for dead. `has_arbiter` (default true): a
    service decides who has left; where it is false, an absent member is merely
    unreachable.
    """

    def join(self, cluster: str, member: Member) -> AbstractAsyncContextManager[None]:
        """Keep `member` registered while inside; entering waits until it is."""
        ...

    def watch(self, cluster: str) -> AsyncGenerator[MembershipView, None]:
        """The whole view now and after every change, until closed.

        Inside `join` the view contains the joined member. Survives outages of
        the service by itself; raises `MembershipLost` when the member that this
        provider joined was evicted.
        """
        ...


def has_arbiter(provider: ClusterProvider) -> bool:
    """Whether absence from a view means that a member has left."""
    return bool(getattr(provider, "has_arbiter", True))


def lease_ttl(provider: ClusterProvider) -> float:
    """Seconds of silence after which others may take a member for dead."""
    return float(getattr(provider, "lease_ttl", 5.0))
