"""Certificates."""

from __future__ import annotations

from protoactor_cluster.spi import ServiceTLS

__all__ = ["ConsulTLS"]


class ConsulTLS(ServiceTLS):
    """PEM files: who signs Consul's certificate, and our own pair if it asks for one."""
