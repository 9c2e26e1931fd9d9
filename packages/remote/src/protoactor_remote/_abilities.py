"""What a peer understands beyond protoactor-go, as announced when connecting."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from protoactor_remote.wire import remote_pb2

__all__ = ["DIAGNOSTICS", "NO_ABILITIES", "PYTHON", "Abilities"]

PYTHON = "protoactor"
"""Every Python peer announces this: it knows the messages of packages `protoactor.*`."""
DIAGNOSTICS = "diagnostics"
"""The ability of a node that answers diagnostic calls; a Go process crashes over them."""


@dataclass(frozen=True, slots=True)
class Abilities:
    """Names of features, and ids of serializers beyond protobuf and JSON."""

    names: frozenset[str] = frozenset()
    serializers: frozenset[int] = frozenset()

    @property
    def python(self) -> bool:
        return PYTHON in self.names

    def to_wire(self) -> remote_pb2.Abilities:
        return remote_pb2.Abilities(
            names=sorted(self.names), serializers=sorted(self.serializers)
        )

    @classmethod
    def from_wire(cls, wire: remote_pb2.Abilities) -> Abilities:
        return cls(frozenset(wire.names), frozenset(wire.serializers))

    @classmethod
    def ours(cls, names: Iterable[str], serializers: Iterable[int]) -> Abilities:
        return cls(frozenset((PYTHON, *names)), frozenset(serializers))


NO_ABILITIES = Abilities()
"""A protoactor-go peer."""
