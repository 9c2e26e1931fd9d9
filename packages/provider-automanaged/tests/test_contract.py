"""Automanaged keeps the contract of all providers."""

from __future__ import annotations

import random
import socket

import pytest

from protoactor_cluster.provider import Member
from protoactor_provider_automanaged import AutomanagedProvider
from protoactor_testkit.contracts import (
    ClusterProviderContract,
    ProviderHarness,
    RunningMember,
)


class AutomanagedHarness(ProviderHarness):
    ttl = 1.2  # two requests that time out, and the pause before the first one
    stall_limit = 3.6

    def __init__(self) -> None:
        super().__init__()
        self._endpoints = free_ports(6)
        self._hosts = [f"127.0.0.1:{port}" for port in self._endpoints]
        self._unused = iter(self._endpoints)
        self._endpoint_of: dict[str, int] = {}

    def provider(self) -> AutomanagedProvider:
        return AutomanagedProvider.from_url(self._url(next(self._unused)))

    def client(self) -> AutomanagedProvider:
        return AutomanagedProvider(self._hosts, interval=0.1, request_timeout=0.5)

    async def start_member(self, cluster: str, member: Member) -> RunningMember:
        """A restarted process has the endpoint of the one that was there."""
        if member.address not in self._endpoint_of:
            self._endpoint_of[member.address] = next(self._unused)
        self._endpoint = self._endpoint_of[member.address]
        return await super().start_member(cluster, member)

    def url(self) -> str:
        return self._url(self._endpoint)

    def _url(self, port: int) -> str:
        hosts = ",".join(self._hosts)
        times = f"interval=0.1&request_timeout=0.5&stall_limit={self.stall_limit}"
        return f"automanaged://{hosts}?port={port}&{times}"


def free_ports(count: int) -> list[int]:
    """Ports outside the range from which outgoing connections take theirs."""
    ports: list[int] = []
    for port in random.sample(range(20000, 32000), 200):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                ports.append(port)
        if len(ports) == count:
            break
    return ports


class TestAutomanagedProvider(ClusterProviderContract):
    has_service = False  # members are all there is
    has_arbiter = False  # nobody decides who is out
    has_watch_stream = False  # views come from polls

    @pytest.fixture
    def harness(self) -> ProviderHarness:
        return AutomanagedHarness()
