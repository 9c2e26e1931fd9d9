"""Fixtures of all tests that need real servers."""

from pathlib import Path

import pytest
from consul_server import consul, consul_process
from etcd_server import etcd, etcd_cluster, shared_etcd
from kubernetes_server import kubernetes, kubernetes_process
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

BUSY = {
    "test_cluster_chaos",
    "test_cluster_faults",
    "test_cluster_go",
    "test_dashboard",
    "test_pingpong",
    "test_remote_processes",
    "test_run",
    "test_tracing",
    "test_web",
}
"""Several busy processes each; the others mostly wait for a service."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One busy test at a time, beside any of the others."""
    for item in items:
        if item.path.parent == Path(__file__).parent and item.path.stem in BUSY:
            item.add_marker(pytest.mark.xdist_group("busy"))
