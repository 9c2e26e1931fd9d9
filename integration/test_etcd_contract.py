"""etcd keeps the contract of all providers."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from etcd_server import EtcdServer
from tcp_link import TcpLink

from protoactor_cluster.provider import ClusterProvider
from protoactor_provider_etcd import EtcdProvider
from protoactor_testkit.contracts import (
    ClusterProviderContract,
    ProviderHarness,
    Records,
)


class EtcdHarness(ProviderHarness):
    """Providers that reach one etcd, each by a link of its own."""

    ttl = 2.5  # a lease of 2 s, and etcd looks for ended ones twice a second
    stall_limit = 7.5
    resync = 3.0

    def __init__(self, etcd: EtcdServer, links: ExitStack) -> None:
        super().__init__()
        self._etcd = etcd
        self._stack = links
        self._links: list[TcpLink] = []
        self._link_of: dict[ClusterProvider, TcpLink] = {}

    def provider(self) -> EtcdProvider:
        link = self._link()
        provider = EtcdProvider.from_url(self._url(link))
        self._link_of[provider] = link
        return provider

    def client(self) -> EtcdProvider:
        return self.provider()

    def url(self) -> str:
        return self._url(self._link())

    async def stop_service(self) -> None:
        await asyncio.to_thread(self._etcd.kill)

    async def start_service(self, records: Records = "kept") -> None:
        await asyncio.to_thread(self._start, records)

    async def isolate(self, provider: ClusterProvider) -> None:
        self._link_of[provider].hold()

    async def reconnect(self, provider: ClusterProvider) -> None:
        self._link_of[provider].release()

    async def stall_watches(self) -> None:
        for link in self._links:
            link.silence()

    def _start(self, records: Records) -> None:
        for link in self._links:
            link.refuse(True)
        if records == "wiped":
            self._etcd.wipe()
        self._etcd.start()
        if records == "lapsed":
            for lease in self._etcd.list_leases():
                self._etcd.ctl("lease", "revoke", lease)
        for link in self._links:
            link.refuse(False)

    def _url(self, link: TcpLink) -> str:
        return f"etcd://{link.endpoint}?lease_ttl=2&stall_limit={self.stall_limit}"

    def _link(self) -> TcpLink:
        link = self._stack.enter_context(TcpLink(("127.0.0.1", self._etcd.port)))
        self._links.append(link)
        return link


class TestEtcdProvider(ClusterProviderContract):
    @pytest.fixture
    def harness(self, etcd: EtcdServer) -> Iterator[ProviderHarness]:
        with ExitStack() as links:
            yield EtcdHarness(etcd, links)
