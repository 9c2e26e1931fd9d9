"""Where an identity lives and why, put together from what members know."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from protoactor_cli._look import Asked, Look
from protoactor_cli._plain import plain
from protoactor_cluster import ClusterIdentity, Member
from protoactor_cluster.wire import introspection_pb2 as wire

__all__ = ["Route", "find_route"]


@dataclass(frozen=True, slots=True)
class Route:
    """One identity; `hosts` has several entries only if something is wrong."""

    identity: ClusterIdentity
    asked: Sequence[Asked[wire.Explanation]]

    @property
    def answers(self) -> list[tuple[Member, wire.Explanation]]:
        return [(it.member, it.answer) for it in self.asked if it.answer is not None]

    @property
    def silent(self) -> dict[str, str]:
        """Why some did not answer, by address."""
        return {it.member.address: it.problem for it in self.asked if it.problem}

    @property
    def owners(self) -> Counter[str]:
        """Addresses, with how many members think so."""
        return Counter(it.owner for _, it in self.answers if it.owner)

    @property
    def owner(self) -> str:
        """The address that most members name; empty if nobody knows one."""
        named = self.owners.most_common(1)
        return named[0][0] if named else ""

    @property
    def hosts(self) -> list[tuple[Member, wire.Activation]]:
        return [
            (member, it.activation)
            for member, it in self.answers
            if it.HasField("activation")
        ]

    @property
    def owners_table(self) -> wire.Explanation | None:
        """What the owner itself knows."""
        own = (it for member, it in self.answers if member.address == self.owner)
        return next(own, None)

    def plain(self) -> dict[str, Any]:
        """For JSON."""
        own = self.owners_table
        return {
            "identity": str(self.identity),
            "owner": self.owner,
            "owners": dict(self.owners),
            "topology_version": own.topology_version if own else None,
            "topology_hash": own.topology_hash if own else None,
            "known_to_owner": own.known_pid if own else None,
            "hosts": [
                {"member": member.id, "address": member.address, **plain(it)}
                for member, it in self.hosts
            ],
            "cached": {
                member.address: it.cached_pid
                for member, it in self.answers
                if it.cached_pid
            },
            "silent": self.silent,
        }


async def find_route(look: Look, identity: ClusterIdentity) -> Route:
    """Raises `ClusterError` if nobody answers."""
    kind, name = identity
    ask = look.inspector.explain
    return Route(identity, await look.ask_some(lambda it: ask(it, kind, name)))
