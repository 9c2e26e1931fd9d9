"""Decides who is a member, from one round of answers after the other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from protoactor_cluster.provider import Member
from protoactor_provider_automanaged._health import Health
from protoactor_provider_automanaged._host import Host

__all__ = ["Roster"]


class Roster:
    """Who lives where, as far as the last rounds tell.

    A host that is silent for `misses` rounds in a row loses its member; one that
    answers as somebody else, or for another cluster, loses it at once. A round in
    which nobody at all answers says nothing about the others.
    """

    def __init__(self, cluster: str, misses: int) -> None:
        self._cluster = cluster
        self._misses = misses
        self._seats: dict[Host, _Seat] = {}
        self._heard = False

    def apply(self, answers: Mapping[Host, Health | None]) -> None:
        """Take in one round: what each host answered, or None."""
        self._heard = any(answers.values())
        if not self._heard:
            return
        for host, health in answers.items():
            if health is None:
                self._miss(host)
            elif health.cluster == self._cluster:
                self._seats[host] = _Seat(health.member)
            else:
                self._seats.pop(host, None)

    @property
    def members(self) -> tuple[Member, ...]:
        """Each id and each address once; who answered last comes first."""
        by_id: dict[str, Member] = {}
        addresses: set[str] = set()
        for seat in sorted(self._seats.values(), key=lambda seat: seat.missed):
            member = seat.member
            if member.id not in by_id and member.address not in addresses:
                by_id[member.id] = member
                addresses.add(member.address)
        return tuple(by_id.values())

    @property
    def doubtful(self) -> bool:
        """Whether asking again soon would tell if a member is gone."""
        return self._heard and any(seat.missed for seat in self._seats.values())

    def _miss(self, host: Host) -> None:
        if seat := self._seats.get(host):
            seat.missed += 1
            if seat.missed >= self._misses:
                del self._seats[host]


@dataclass(slots=True)
class _Seat:
    member: Member
    missed: int = 0
