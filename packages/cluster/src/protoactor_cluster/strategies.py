"""Which member hosts a new activation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from protoactor_cluster.provider import Member

__all__ = [
    "LeastActivations",
    "LocalAffinity",
    "MemberStrategy",
    "RoundRobin",
    "Weighted",
]


class MemberStrategy(Protocol):
    """Picks a host; one object serves one kind, so it may remember its choices."""

    def choose(self, hosts: Sequence[Member], requester: str) -> Member | None:
        """One of `hosts` (members with the kind, by id), or `None` to refuse.

        `requester` is the address of the member that asks, or empty. Called on
        the loop: must not block.
        """
        ...


class RoundRobin:
    """Every host in turn, beginning with the second, as protoactor-go does."""

    def __init__(self) -> None:
        self._turn = 0

    def choose(self, hosts: Sequence[Member], requester: str) -> Member | None:
        if not hosts:
            return None
        self._turn = (self._turn + 1) % len(hosts)
        return hosts[self._turn]


class LocalAffinity:
    """The requester itself if it hosts the kind, else what `otherwise` picks."""

    def __init__(self, otherwise: MemberStrategy | None = None) -> None:
        self._otherwise = otherwise or RoundRobin()

    def choose(self, hosts: Sequence[Member], requester: str) -> Member | None:
        for host in hosts:
            if host.address == requester:
                return host
        return self._otherwise.choose(hosts, requester)


class LeastActivations:
    """The host with the fewest activations of the kind.

    `count` gives a member's newest known number, its own included. Numbers
    arrive with heartbeats: choices made since the last change are added, or a
    burst would all go to one member.
    """

    def __init__(self, count: Callable[[Member], int]) -> None:
        self._count = count
        self._chosen: dict[str, tuple[int, int]] = {}

    def choose(self, hosts: Sequence[Member], requester: str) -> Member | None:
        if not hosts:
            return None
        self._chosen = {host.id: self._since_report(host) for host in hosts}
        least = min(hosts, key=lambda host: (sum(self._chosen[host.id]), host.id))
        reported, since = self._chosen[least.id]
        self._chosen[least.id] = (reported, since + 1)
        return least

    def _since_report(self, host: Member) -> tuple[int, int]:
        reported = self._count(host)
        before, since = self._chosen.get(host.id, (reported, 0))
        return (reported, since if before == reported else 0)


class Weighted:
    """Hosts in proportion to their weight, evenly interleaved; 0 means never.

    `weight` may change its mind at any time. Raises `ValueError` when it gives
    a negative number.
    """

    def __init__(self, weight: Callable[[Member], int]) -> None:
        self._weight = weight
        self._credit: dict[str, int] = {}

    def choose(self, hosts: Sequence[Member], requester: str) -> Member | None:
        weights = {host.id: self._weight_of(host) for host in hosts}
        eligible = [host for host in hosts if weights[host.id]]
        if not eligible:
            return None
        self._credit = {
            host.id: self._credit.get(host.id, 0) + weights[host.id]
            for host in eligible
        }
        chosen = max(eligible, key=lambda host: self._credit[host.id])
        self._credit[chosen.id] -= sum(weights.values())
        return chosen

    def _weight_of(self, host: Member) -> int:
        weight = self._weight(host)
        if weight < 0:
            raise ValueError(
                f"the weight of {host} is {weight}: give 0 for never, or more"
            )
        return weight
