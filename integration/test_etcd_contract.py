"""etcd keeps the contract of all providers."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from etcd_server import EtcdServer
from linked_harness import LinkedHarness

from protoactor_provider_etcd import EtcdProvider
from protoactor_testkit.contracts import (
    ClusterProviderContract,
    ProviderHarness,
    Records,
)


class EtcdHarness(LinkedHarness):
    ttl = 2.5  # a lease of 2 s, and etcd looks for ended ones twice a second
    stall_limit = 7.5
    resync = 3.0

    def __init__(self, etcd: EtcdServer, links: ExitStack) -> None:
        super().__init__(etcd.port, links)
        self._etcd = etcd

    def from_url(self, url: str) -> EtcdProvider:
        return EtcdProvider.from_url(url)

    def url_of(self, endpoint: str) -> str:
        return f"etcd://{endpoint}?lease_ttl=2&stall_limit={self.stall_limit}"

    async def stop_service(self) -> None:
        await asyncio.to_thread(self._etcd.kill)

    async def start_service(self, records: Records = "kept") -> None:
        await asyncio.to_thread(self._start, records)

    def _start(self, records: Records) -> None:
        self.refuse(True)
        if records == "wiped":
            self._etcd.wipe()
        self._etcd.start()
        if records == "lapsed":
            for lease in self._etcd.list_leases():
                self._etcd.ctl("lease", "revoke", lease)
        self.refuse(False)


class TestEtcdProvider(ClusterProviderContract):
    @pytest.fixture
    def harness(self, etcd: EtcdServer) -> Iterator[ProviderHarness]:
        with ExitStack() as links:
            yield EtcdHarness(etcd, links)
