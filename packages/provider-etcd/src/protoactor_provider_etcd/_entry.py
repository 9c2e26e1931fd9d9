"""What is read from etcd."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Change", "Entry", "Listing", "Renewal"]


@dataclass(frozen=True, slots=True)
class Entry:
    """A key, its value, and the revision at which the key came into being."""

    key: bytes
    value: bytes
    created: int


@dataclass(frozen=True, slots=True)
class Listing:
    """All entries under a prefix, at one revision of the store."""

    entries: tuple[Entry, ...]
    revision: int


@dataclass(frozen=True, slots=True)
class Change:
    """A key that was written, or deleted if there is no entry any more."""

    key: bytes
    entry: Entry | None
    revision: int


@dataclass(frozen=True, slots=True)
class Renewal:
    """Whether the lease still exists, and the revision of the store that said so."""

    alive: bool
    revision: int
