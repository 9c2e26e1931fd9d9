"""Fixtures of all tests that need real servers."""

from typing import Any

import pytest
from consul_server import consul, consul_process
from etcd_server import etcd, etcd_cluster, shared_etcd
from kubernetes_server import kubernetes, kubernetes_process
from side_by_side import SideBySide
from zookeeper_server import zookeeper, zookeeper_process

__all__ = [
    "consul",
    "consul_process",
    "etcd",
    "etcd_cluster",
    "kubernetes",
    "kubernetes_process",
    "shared_etcd",
    "zookeeper",
    "zookeeper_process",
]


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> SideBySide:
    return SideBySide(config, log)
