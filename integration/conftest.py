"""Fixtures of all tests that need real servers."""

from etcd_server import etcd, etcd_cluster, shared_etcd
from zookeeper_server import zookeeper, zookeeper_process

__all__ = ["etcd", "etcd_cluster", "shared_etcd", "zookeeper", "zookeeper_process"]
