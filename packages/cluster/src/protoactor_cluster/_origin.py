"""Where an activation comes from."""

from __future__ import annotations

from dataclasses import dataclass

from protoactor_cluster.topology import TopologyId

__all__ = ["Origin"]


@dataclass(frozen=True, slots=True)
class Origin:
    """Since when it lives here (the loop's time), and who had it placed under what."""

    number: int
    since: float
    asked_under: TopologyId
    placed_by: str
