"""A harness of the provider contract whose providers each have a link of their own."""

from __future__ import annotations

from contextlib import ExitStack

from tcp_link import TcpLink

from protoactor_cluster.provider import ClusterProvider
from protoactor_testkit.contracts import ProviderHarness

__all__ = ["LinkedHarness"]


class LinkedHarness(ProviderHarness):
    """For a service on one port of loopback."""

    def __init__(self, port: int, links: ExitStack) -> None:
        super().__init__()
        self._port = port
        self._stack = links
        self._links: list[TcpLink] = []
        self._link_of: dict[ClusterProvider, TcpLink] = {}

    def from_url(self, url: str) -> ClusterProvider:
        """A provider of the class under test."""
        raise NotImplementedError

    def url_of(self, endpoint: str) -> str:
        raise NotImplementedError

    def provider(self) -> ClusterProvider:
        link = self._link()
        provider = self.from_url(self.url_of(link.endpoint))
        self._link_of[provider] = link
        return provider

    def client(self) -> ClusterProvider:
        return self.provider()

    def url(self) -> str:
        return self.url_of(self._link().endpoint)

    async def isolate(self, provider: ClusterProvider) -> None:
        self._link_of[provider].hold()

    async def reconnect(self, provider: ClusterProvider) -> None:
        self._link_of[provider].release()

    async def stall_watches(self) -> None:
        for link in self._links:
            link.silence()

    def refuse(self, refusing: bool) -> None:
        """Keep everybody out, or let them in again."""
        for link in self._links:
            link.refuse(refusing)

    def _link(self) -> TcpLink:
        link = self._stack.enter_context(TcpLink(("127.0.0.1", self._port)))
        self._links.append(link)
        return link
