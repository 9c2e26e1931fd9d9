"""Where identities were last found, so that most calls need no lookup."""

from __future__ import annotations

from collections import OrderedDict
from typing import NamedTuple

from protoactor import PID
from protoactor_cluster.identity import ClusterIdentity

__all__ = ["PidCache"]


class _Entry(NamedTuple):
    pid: PID
    member_id: str


class PidCache:
    """A bounded map from identity to PID; the least recently used go first.

    An entry remembers the member id it was learned under: when a process
    restarts on the same address, only entries of the old one are dropped.
    """

    def __init__(self, capacity: int = 100_000) -> None:
        if capacity < 1:
            raise ValueError(f"capacity must be at least 1, not {capacity}")
        self.hits = 0
        self.misses = 0
        self._capacity = capacity
        self._entries: OrderedDict[ClusterIdentity, _Entry] = OrderedDict()
        self._by_pid: dict[tuple[str, str], ClusterIdentity] = {}
        self._by_member: dict[str, set[ClusterIdentity]] = {}

    def get(self, identity: ClusterIdentity) -> PID | None:
        """The PID last put for this identity; counts a hit or a miss."""
        entry = self._entries.get(identity)
        if entry is None:
            self.misses += 1
            return None
        self.hits += 1
        self._entries.move_to_end(identity)
        return entry.pid

    def peek(self, identity: ClusterIdentity) -> PID | None:
        """The same for those who only look: nothing is counted or moved."""
        entry = self._entries.get(identity)
        return entry.pid if entry else None

    def put(self, identity: ClusterIdentity, pid: PID, member_id: str) -> None:
        """Remember the PID, which lives on this member."""
        self._drop(identity)
        # one activation has one identity: whatever claimed this PID before is wrong
        self.remove_by_pid(pid)
        self._entries[identity] = _Entry(pid, member_id)
        self._by_pid[pid[:2]] = identity
        self._by_member.setdefault(member_id, set()).add(identity)
        if len(self._entries) > self._capacity:
            self._drop(next(iter(self._entries)))

    def remove(self, identity: ClusterIdentity, pid: PID) -> bool:
        """Forget the identity if it still has this PID: a newer one stays."""
        entry = self._entries.get(identity)
        if entry is None or entry.pid[:2] != pid[:2]:
            return False
        self._drop(identity)
        return True

    def remove_by_pid(self, pid: PID) -> bool:
        """Forget whatever identity has this PID."""
        identity = self._by_pid.get(pid[:2])
        return identity is not None and self.remove(identity, pid)

    def remove_by_member(self, member_id: str) -> int:
        """Forget everything learned under this member id; returns how many."""
        identities = tuple(self._by_member.get(member_id, ()))
        for identity in identities:
            self._drop(identity)
        return len(identities)

    def clear(self) -> None:
        """Forget everything."""
        self._entries.clear()
        self._by_pid.clear()
        self._by_member.clear()

    def __contains__(self, identity: object) -> bool:
        return identity in self._entries

    def __len__(self) -> int:
        return len(self._entries)

    def _drop(self, identity: ClusterIdentity) -> None:
        entry = self._entries.pop(identity, None)
        if entry is None:
            return
        del self._by_pid[entry.pid[:2]]
        learned = self._by_member[entry.member_id]
        learned.discard(identity)
        if not learned:
            del self._by_member[entry.member_id]
