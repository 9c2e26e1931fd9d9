"""Consul keeps the contract of all providers."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from consul_server import ConsulServer
from linked_harness import LinkedHarness

from protoactor_provider_consul import ConsulProvider
from protoactor_testkit.contracts import (
    ClusterProviderContract,
    ProviderHarness,
    Records,
)

TTL = 2.0


class ConsulHarness(LinkedHarness):
    ttl = TTL + 0.5
    stall_limit = 7.5
    resync = 3.0
    patience = 30.0  # an agent that was restarted may take 15 s to tell its servers

    def __init__(self, consul: ConsulServer, links: ExitStack) -> None:
        super().__init__(consul.port, links)
        self._consul = consul

    def from_url(self, url: str) -> ConsulProvider:
        return ConsulProvider.from_url(url)

    def url_of(self, endpoint: str) -> str:
        return f"consul://{endpoint}?ttl={TTL}&stall_limit={self.stall_limit}"

    async def stop_service(self) -> None:
        await asyncio.to_thread(self._consul.kill)

    async def start_service(self, records: Records = "kept") -> None:
        await asyncio.to_thread(self._start, records)

    def _start(self, records: Records) -> None:
        self.refuse(True)
        if records == "wiped":
            self._consul.wipe()
        self._consul.start()
        if records == "lapsed":
            self._consul.deregister_all()
        self.refuse(False)


@pytest.mark.built
class TestConsulProvider(ClusterProviderContract):
    @pytest.fixture
    def harness(self, consul: ConsulServer) -> Iterator[ProviderHarness]:
        with ExitStack() as links:
            yield ConsulHarness(consul, links)
