"""What travels in a pull: the question and the parts of its answer."""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from dataclasses import dataclass

from protoactor_cluster.handover.activation import Activation
from protoactor_cluster.topology import Topology

__all__ = ["HandoverChunk", "Pull", "digest_of"]

MASK64 = 0xFFFFFFFFFFFFFFFF


@dataclass(frozen=True, slots=True)
class Pull:
    """A member asks another which activations it hosts that the asker now owns."""

    requester_id: str
    topology: Topology
    attempt: int
    """Grows when the same topology's question is asked again."""
    baseline: Topology | None = None
    """Leave out what the requester owned under this one too, but count it."""


@dataclass(frozen=True, slots=True)
class HandoverChunk:
    """A part of the answer to one attempt; ids count from 1, the last is `final`."""

    attempt: int
    chunk_id: int
    final: bool
    activations: tuple[Activation, ...] = ()
    sent: int = 0
    """In the final chunk: activations in all chunks together."""
    skipped: int = 0
    """In the final chunk: activations left out because of the baseline."""
    skipped_digest: int = 0
    """In the final chunk: `digest_of` those."""


def digest_of(activations: Iterable[Activation], start: int = 0) -> int:
    """A sum over actor ids that equal sets share, in any order; 64 bits."""
    total = sum(zlib.crc32(activation.pid.id.encode()) for activation in activations)
    return (start + total) & MASK64
