"""With whom a cluster is shared."""

from __future__ import annotations

from enum import Enum

__all__ = ["Dialect"]


class Dialect(Enum):
    """Names, keys and bytes are protoactor-go's either way; `GO` leaves out the rest.

    A cluster with protoactor-go members needs `GO` on all Python members and
    `DistHashLookup`, which is the default lookup there.
    """

    PYTHON = "python"
    GO = "go"

    @property
    def targets_gossip(self) -> bool:
        """Whether gossip names its receiver where it should name its sender.

        A Go member computes what a known sender lacks, and takes all of that for
        delivered: a sender that names itself would hear nothing any more.
        """
        return self is Dialect.GO
