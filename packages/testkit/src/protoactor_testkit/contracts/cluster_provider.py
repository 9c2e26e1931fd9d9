"""The contract that every cluster provider keeps."""

from __future__ import annotations

import secrets

import pytest

from protoactor_cluster.provider import has_arbiter
from protoactor_testkit.contracts.describing import DescribingContract
from protoactor_testkit.contracts.dying import DyingContract
from protoactor_testkit.contracts.harness import ProviderHarness
from protoactor_testkit.contracts.joining import JoiningContract
from protoactor_testkit.contracts.outages import OutageContract

__all__ = ["ClusterProviderContract"]


class ClusterProviderContract(
    JoiningContract, DescribingContract, DyingContract, OutageContract
):
    """Subclass it, supply the fixture `harness`, and switch off what cannot be.

    Needs pytest-asyncio. `--long`, where it exists, makes outages last 60 s.

    >>> class TestMyProvider(ClusterProviderContract):
    ...     has_arbiter = False
    ...
    ...     @pytest.fixture
    ...     def harness(self) -> ProviderHarness:
    ...         return MyHarness()
    """

    pytestmark = pytest.mark.asyncio

    has_service = True
    """Members meet at a service that may be down, restarted, or emptied."""
    has_arbiter = True
    """Something decides who is out: a member that was evicted can be told so."""
    has_watch_stream = True
    """Changes are pushed, so that the push may stop without a word."""
    has_keep_alive_thread = True
    """A blocked event loop keeps its membership until `stall_limit`."""
    outages = (10.0, 60.0)
    """Seconds without a service: in every run, and with `--long`."""

    @pytest.fixture
    def harness(self) -> object:
        raise NotImplementedError("supply a fixture `harness` with a ProviderHarness")

    @pytest.fixture
    def cluster(self) -> str:
        """A cluster name that no other test has."""
        return f"shop-{secrets.token_hex(4)}"

    @pytest.fixture
    def outage(self, request: pytest.FixtureRequest) -> float:
        """How long the service is away, in seconds."""
        return self.outages[bool(request.config.getoption("--long", default=False))]

    async def test_it_says_whether_it_has_an_arbiter(
        self, harness: ProviderHarness
    ) -> None:
        assert has_arbiter(harness.client()) is self.has_arbiter
