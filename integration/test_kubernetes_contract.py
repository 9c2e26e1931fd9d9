"""Kubernetes keeps the contract of all providers."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from kubernetes_server import KubernetesServer
from lightkube import Client, KubeConfig
from lightkube.resources.coordination_v1 import Lease
from linked_harness import LinkedHarness

from protoactor_provider_kubernetes import KubernetesProvider
from protoactor_testkit.contracts import (
    ClusterProviderContract,
    ProviderHarness,
    Records,
)

TTL = 2.0

pytestmark = pytest.mark.built


class KubernetesHarness(LinkedHarness):
    ttl = TTL + 0.5
    stall_limit = 7.5
    resync = 3.0
    patience = 60.0  # an API server takes long to start

    def __init__(self, kubernetes: KubernetesServer, links: ExitStack) -> None:
        super().__init__(kubernetes.port, links)
        self._kubernetes = kubernetes

    def from_url(self, url: str) -> KubernetesProvider:
        return KubernetesProvider.from_url(url)

    def url_of(self, endpoint: str) -> str:
        times = f"lease_ttl={TTL}&stall_limit={self.stall_limit}&join_timeout=60"
        return (
            f"kubernetes://?{times}&kubeconfig={self._kubernetes.kubeconfig(endpoint)}"
        )

    async def stop_service(self) -> None:
        await asyncio.to_thread(self._kubernetes.kill)

    async def start_service(self, records: Records = "kept") -> None:
        await asyncio.to_thread(self._start, records)

    def _start(self, records: Records) -> None:
        self.refuse(True)
        if records == "wiped":
            self._kubernetes.wipe()
        self._kubernetes.start()
        if records == "lapsed":
            config = KubeConfig.from_file(self._kubernetes.kubeconfig())
            with Client(config) as client:
                client.deletecollection(Lease)
        self.refuse(False)


class TestKubernetesProvider(ClusterProviderContract):
    @pytest.fixture
    def harness(self, kubernetes: KubernetesServer) -> Iterator[ProviderHarness]:
        with ExitStack() as links:
            yield KubernetesHarness(kubernetes, links)
