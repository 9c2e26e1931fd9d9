"""ZooKeeper keeps the contract of all providers."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from linked_harness import LinkedHarness
from zookeeper_server import ZooKeeperServer

from protoactor_provider_zookeeper import ZooKeeperProvider
from protoactor_testkit.contracts import (
    ClusterProviderContract,
    ProviderHarness,
    Records,
)

TIMEOUT = 2.0
TICK = 0.2


class ZooKeeperHarness(LinkedHarness):
    ttl = TIMEOUT + 2 * TICK
    stall_limit = 7.5
    resync = 3.0

    def __init__(self, zookeeper: ZooKeeperServer, links: ExitStack) -> None:
        super().__init__(zookeeper.port, links)
        self._zookeeper = zookeeper

    def from_url(self, url: str) -> ZooKeeperProvider:
        return ZooKeeperProvider.from_url(url)

    def url_of(self, endpoint: str) -> str:
        times = f"session_timeout={TIMEOUT}&stall_limit={self.stall_limit}"
        return f"zookeeper://{endpoint}/protoactor/contract?{times}"

    async def stop_service(self) -> None:
        await asyncio.to_thread(self._zookeeper.kill)

    async def start_service(self, records: Records = "kept") -> None:
        await asyncio.to_thread(self._start, records)

    def _start(self, records: Records) -> None:
        self.refuse(True)
        if records == "wiped":
            self._zookeeper.wipe()
        self._zookeeper.start()
        if records == "lapsed":
            self._wait_for_the_end_of_sessions()
        self.refuse(False)

    def _wait_for_the_end_of_sessions(self) -> None:
        deadline = time.monotonic() + 30.0
        while "Sessions with Ephemerals (0)" not in self._zookeeper.ask("dump"):
            assert time.monotonic() < deadline, self._zookeeper.ask("dump")
            time.sleep(TICK)


class TestZooKeeperProvider(ClusterProviderContract):
    @pytest.fixture
    def harness(self, zookeeper: ZooKeeperServer) -> Iterator[ProviderHarness]:
        with ExitStack() as links:
            yield ZooKeeperHarness(zookeeper, links)
