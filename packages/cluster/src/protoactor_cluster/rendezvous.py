"""Which member owns an identity in protoactor-go's distributed-hash lookup."""

from __future__ import annotations

from collections.abc import Iterable

from protoactor_cluster.hashing import fnv1a32
from protoactor_cluster.provider import Member

__all__ = ["Rendezvous"]


class Rendezvous:
    """Owners by highest random weight, exactly as protoactor-go computes them.

    A member's score for a name is FNV-1a of name and address. FNV mixes its
    last bytes badly: addresses that differ only there share the names unevenly
    (ports 8080 to 8082 take 25, 25 and 50 %). It is kept for compatibility.
    """

    def __init__(self, members: Iterable[Member]) -> None:
        self._hosts: dict[str, list[tuple[Member, bytes]]] = {}
        for member in sorted(members, key=lambda member: member.id):
            for kind in member.kinds:
                hosts = self._hosts.setdefault(kind, [])
                hosts.append((member, member.address.encode()))

    def owner(self, kind: str, name: str) -> Member | None:
        """The member that hosts this identity; `None` if no member has the kind."""
        hosts = self._hosts.get(kind, [])
        if len(hosts) == 1:
            return hosts[0][0]
        name_state = fnv1a32(name.encode())
        best, owner = 0, None
        for member, address in hosts:
            score = fnv1a32(address, name_state)
            if score > best:
                best, owner = score, member
        return owner
