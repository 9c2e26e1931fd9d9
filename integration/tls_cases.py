"""TLS between a provider and its service: the same for all that speak it."""

from __future__ import annotations

import asyncio
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

import pytest
from certificates import Certificates
from members import joined, new_member

from protoactor_cluster.errors import JoinTimeout
from protoactor_cluster.provider import ClusterProvider
from protoactor_cluster.spi import ServiceTLS

__all__ = ["Secured", "TLSCases"]


@dataclass(frozen=True)
class Secured:
    """A service: where it speaks TLS, and where the same kind of service does not."""

    endpoint: str
    plain: str


class TLSCases:
    """Subclass it and say how to reach the service."""

    def secured(
        self, files: Certificates, *, mutual: bool
    ) -> AbstractContextManager[Secured]:
        """The service with the server's pair; `mutual`: it wants to see a client's."""
        raise NotImplementedError

    def provider(
        self, endpoint: str, tls: ServiceTLS | None, join_timeout: float = 10.0
    ) -> ClusterProvider:
        raise NotImplementedError

    def provider_of(self, url: str) -> ClusterProvider:
        """By `endpoint?ca=...`, behind the scheme."""
        raise NotImplementedError

    @pytest.fixture
    def files(self, tmp_path: Path) -> Certificates:
        return Certificates.make(tmp_path)

    async def test_the_server_proves_who_it_is(
        self, files: Certificates, tmp_path_factory: pytest.TempPathFactory
    ) -> None:
        strangers = Certificates.make(tmp_path_factory.mktemp("strangers"))
        with self.secured(files, mutual=False) as service:
            by_url = self.provider_of(f"{service.endpoint}?ca={files.ca}")
            by_name = self.provider(service.endpoint, ServiceTLS(files.ca))
            async with joined(by_url) as a, joined(by_name) as b:
                await a.views.until(a.member, b.member)
            wrong = await self.fails(service.endpoint, ServiceTLS(strangers.ca))
            assert "verify" in wrong.lower()
            assert "`tls=`" in await self.fails(service.endpoint, None)
            assert "TLS" in await self.fails(service.plain, ServiceTLS(files.ca))

    async def test_both_sides_prove_who_they_are(self, files: Certificates) -> None:
        with self.secured(files, mutual=True) as service:
            tls = ServiceTLS(files.ca, *files.client)
            async with joined(self.provider(service.endpoint, tls)) as a:
                await a.views.until(a.member)
            await self.fails(service.endpoint, ServiceTLS(files.ca))

    async def fails(self, endpoint: str, tls: ServiceTLS | None) -> str:
        """What a join that times out says."""
        provider = self.provider(endpoint, tls, join_timeout=2.0)
        async with asyncio.timeout(30.0):
            with pytest.raises(JoinTimeout, match=endpoint) as caught:
                async with provider.join("shop", new_member()):
                    pytest.fail("joined")
        return str(caught.value)
