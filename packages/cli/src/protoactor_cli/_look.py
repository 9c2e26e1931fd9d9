"""A client of the cluster that asks every member."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from protoactor import ActorError
from protoactor_cluster import Cluster, ClusterError, Inspector, Member, connect
from protoactor_remote import TLS, NotOffered, PeerUnreachable

__all__ = ["OFF", "Asked", "Look", "Target", "looking"]

T = TypeVar("T")
OFF = "introspection is off: join(..., introspection=True)"
SETTLED = 0.3
"""Seconds for the other members to turn up after the first one."""


@dataclass(frozen=True, slots=True)
class Target:
    """The cluster to look into."""

    url: str
    name: str
    tls: TLS | None = None
    timeout: float = 5.0


@dataclass(frozen=True, slots=True)
class Asked(Generic[T]):
    """What one member answered, or why it did not."""

    member: Member
    answer: T | None = None
    problem: str = ""
    off: bool = False


@dataclass(frozen=True, slots=True)
class Look:
    """Questions to all members at once."""

    cluster: Cluster
    inspector: Inspector = field(repr=False)

    @classmethod
    def through(cls, cluster: Cluster, timeout: float = 5.0) -> Look:
        return cls(cluster, Inspector(cluster.remote, timeout=timeout))

    @property
    def members(self) -> tuple[Member, ...]:
        return self.cluster.topology.members

    async def ask(self, question: Callable[[str], Awaitable[T]]) -> list[Asked[T]]:
        """Ask every member by its address; nobody's silence spoils the rest."""
        asking = (self._ask_one(member, question) for member in self.members)
        return await asyncio.gather(*asking)

    async def ask_some(
        self, question: Callable[[str], Awaitable[T]], *, or_off: bool = False
    ) -> list[Asked[T]]:
        """The same, but at least one has to answer. Raises `ClusterError`.

        With `or_off` it is enough that one could be asked.
        """
        asked = await self.ask(question)
        if all(it.answer is None and not (or_off and it.off) for it in asked):
            problems = "; ".join(sorted({it.problem for it in asked}))
            raise ClusterError(f"no member answers: {problems}")
        return asked

    def find(self, text: str) -> Member:
        """The member with this id, the beginning of it, or this address."""
        found = [
            it for it in self.members if it.address == text or it.id.startswith(text)
        ]
        if len(found) == 1:
            return found[0]
        what = "several members" if found else "no member"
        there = ", ".join(map(str, self.members))
        raise ClusterError(f"{what} {text!r}: there are {there}")

    async def _ask_one(
        self, member: Member, question: Callable[[str], Awaitable[T]]
    ) -> Asked[T]:
        try:
            return Asked(member, await question(member.address))
        except NotOffered:
            return Asked(member, problem=OFF, off=True)
        except PeerUnreachable as error:
            return Asked(member, problem=error.reason)
        except ActorError as error:
            return Asked(member, problem=str(error))


@asynccontextmanager
async def looking(target: Target) -> AsyncGenerator[Look, None]:
    """Join as a client, and wait for members. Raises `ClusterError` without any."""
    joined = connect(target.name, provider=target.url, tls=target.tls)
    async with joined as cluster:
        if not await cluster.wait_for_members(target.timeout):
            raise ClusterError(
                f"no member of cluster {target.name!r} at {target.url} was found "
                f"within {target.timeout:g} s: is one running, and is the name right?"
            )
        await _settle(cluster, target.timeout)
        yield Look.through(cluster, target.timeout)


async def _settle(cluster: Cluster, longest: float) -> None:
    """A provider without a list of its own finds members one by one."""
    loop = asyncio.get_running_loop()
    until, seen = loop.time() + longest, cluster.topology.id
    while loop.time() < until:
        await asyncio.sleep(SETTLED)
        if cluster.topology.id == seen:
            return
        seen = cluster.topology.id
