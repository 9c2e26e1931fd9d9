"""Where a cluster lies in ZooKeeper, as protoactor-go has it."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass
from urllib.parse import quote

__all__ = ["Folder"]

FORBIDDEN = re.compile(r"[%/\x00-\x1f\x7f-\x9f\ud800-\uf8ff\ufff0-\uffff]")
"""What may not stand in the name of a node, and the signs we escape with."""


@dataclass(frozen=True, slots=True)
class Folder:
    """The nodes of one cluster; `prefix` has no `/` at its end."""

    prefix: str
    cluster: str

    @property
    def path(self) -> str:
        """Its children are the members, and nothing else."""
        return f"{self.prefix}/{escape(self.cluster)}"

    @property
    def claims(self) -> str:
        """Outside of every cluster's path: `%` in a cluster's name is escaped."""
        return f"{self.prefix}/%claims/{escape(self.cluster)}"

    @property
    def marks(self) -> str:
        return f"{self.prefix}/%evicted/{escape(self.cluster)}"

    def stem(self, member_id: str) -> str:
        """The name of a member's node, less the ten digits of its sequence.

        Looks like the name of a protected node, which is what protoactor-go makes;
        where that has random digits, ours are always the same for one member.
        """
        return f"_c_{uuid.uuid5(uuid.NAMESPACE_OID, member_id).hex}-actor-"

    def record(self, name: str) -> str:
        """The path of a member's node."""
        return f"{self.path}/{name}"

    def claim(self, member_id: str) -> str:
        """Exists as long as the member is registered."""
        return f"{self.claims}/{escape(member_id)}"

    def mark(self, member_id: str) -> str:
        """Exists since others have dropped this member."""
        return f"{self.marks}/{escape(member_id)}"


def escape(name: str) -> str:
    """One segment of a path."""
    if name in (".", ".."):
        return name.replace(".", "%2E")
    return FORBIDDEN.sub(lambda found: quote(found[0], safe=""), name)
