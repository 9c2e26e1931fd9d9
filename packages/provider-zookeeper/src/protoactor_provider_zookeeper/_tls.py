"""Certificates."""

from __future__ import annotations

from protoactor_cluster.spi import ServiceTLS

__all__ = ["ZooKeeperTLS"]


class ZooKeeperTLS(ServiceTLS):
    """PEM files: who signs ZooKeeper's certificate, and our own pair if it asks for one."""
