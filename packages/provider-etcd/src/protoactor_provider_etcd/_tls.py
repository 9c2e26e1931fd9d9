"""Certificates."""

from __future__ import annotations

from protoactor_cluster.spi import ServiceTLS

__all__ = ["EtcdTLS"]


class EtcdTLS(ServiceTLS):
    """PEM files: who signs etcd's certificate, and our own pair if it asks for one."""
