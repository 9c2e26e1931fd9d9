"""Fixtures of all tests that need real servers."""

from etcd_server import etcd, etcd_cluster, shared_etcd

__all__ = ["etcd", "etcd_cluster", "shared_etcd"]
