"""What a cluster publishes on `system.events`."""

from __future__ import annotations

from protoactor_cluster.topology import TopologyChange

__all__ = ["TopologyChanged"]

TopologyChanged = TopologyChange
"""The members changed: `previous`, `current`, `joined`, `left`."""
