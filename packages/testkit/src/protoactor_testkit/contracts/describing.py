"""Contract: what a member says of itself arrives as it was said."""

from __future__ import annotations

from dataclasses import replace

import pytest

from protoactor_testkit.contracts.harness import ProviderHarness
from protoactor_testkit.contracts.joined import joined, looking_on
from protoactor_testkit.contracts.powers import Contract

__all__ = ["DescribingContract"]

ADDRESSES = [
    ("10.1.2.3", 8080),
    ("localhost", 8080),
    ("::1", 8080),
    ("[2001:db8::7]", 65535),
    ("member-1.shop.svc.cluster.local", 1),
]
METADATA = (("lookup", "partition"), ("note", 'ü "quoted" / <b> \n'), ("empty", ""))


class DescribingContract(Contract):
    @pytest.mark.parametrize(("host", "port"), ADDRESSES)
    async def test_ipv6_and_dns_addresses_stay_as_they_are(
        self, harness: ProviderHarness, cluster: str, host: str, port: int
    ) -> None:
        member = harness.member(host=host, port=port)
        async with (
            joined(harness, cluster, member) as a,
            joined(harness, cluster) as b,
        ):
            await b.views.until(member, b.member)
            await a.views.until(member, b.member)

    @pytest.mark.parametrize(
        "kinds", [(), ("a",), ("Counter", "shop.Order", "prototopic")]
    )
    async def test_kinds_and_metadata_stay_as_they_are(
        self, harness: ProviderHarness, cluster: str, kinds: tuple[str, ...]
    ) -> None:
        member = replace(harness.member(kinds=frozenset(kinds)), metadata=METADATA)
        async with (
            joined(harness, cluster, member),
            looking_on(harness, cluster) as views,
        ):
            await views.until(member)

    async def test_changed_kinds_of_one_id_are_a_change(
        self, harness: ProviderHarness, cluster: str
    ) -> None:
        async with joined(harness, cluster) as a:
            before = harness.member(kinds=frozenset({"Counter"}))
            after = replace(before, kinds=frozenset({"Counter", "Order"}))
            async with joined(harness, cluster, before) as b:
                await a.views.until(a.member, before)
            async with joined(harness, cluster, after, provider=b.provider):
                await a.views.until(a.member, after)

    @pytest.mark.parametrize("suffix", ["2", "/eu", "/", ".", "%2F", " "])
    async def test_clusters_with_similar_names_never_mix(
        self, harness: ProviderHarness, cluster: str, suffix: str
    ) -> None:
        longer = cluster + suffix
        async with (
            joined(harness, cluster) as a,
            joined(harness, longer) as b,
            looking_on(harness, cluster) as short_views,
            looking_on(harness, longer) as long_views,
        ):
            await short_views.until(a.member)
            await long_views.until(b.member)
            async with joined(harness, longer) as c:
                await b.views.until(b.member, c.member)
                await long_views.until(b.member, c.member)
            await long_views.until(b.member)
            assert len(short_views.history) == len(a.views.history) == 1
