"""Contract: the service goes away and returns, watches fall silent, links break."""

from __future__ import annotations

import asyncio

import pytest

from protoactor_testkit.contracts.harness import ProviderHarness, Records
from protoactor_testkit.contracts.joined import joined, looking_on, running
from protoactor_testkit.contracts.powers import Contract, needs

__all__ = ["OutageContract"]


class OutageContract(Contract):
    @needs("has_service")
    async def test_an_outage_changes_no_view_and_ends_by_itself(
        self, harness: ProviderHarness, cluster: str, outage: float
    ) -> None:
        async with (
            joined(harness, cluster) as a,
            joined(harness, cluster) as b,
            looking_on(harness, cluster) as views,
        ):
            for log in (a.views, b.views, views):
                await log.until(a.member, b.member)
            await harness.stop_service()
            await views.quiet(outage)
            await harness.start_service()
            async with joined(harness, cluster) as c:
                for log in (a.views, b.views, views):
                    await log.until(a.member, b.member, c.member)
                    log.never_without(a.member, b.member)

    @needs("has_service")
    @pytest.mark.parametrize("records", ["kept", "lapsed", "wiped"])
    async def test_members_return_under_their_ids_and_nobody_is_evicted(
        self, harness: ProviderHarness, cluster: str, records: Records
    ) -> None:
        async with (
            joined(harness, cluster) as a,
            joined(harness, cluster) as b,
            looking_on(harness, cluster) as views,
        ):
            for log in (a.views, b.views, views):
                await log.until(a.member, b.member)
            await harness.stop_service()
            await views.quiet(1.5 * harness.ttl)
            await harness.start_service(records)
            await views.quiet(3 * harness.ttl)
            async with looking_on(harness, cluster) as fresh:
                await fresh.until(a.member, b.member)
            for log in (a.views, b.views, views):
                await log.quiet(0.0)
                log.never_without(a.member, b.member)

    @needs("has_service")
    @pytest.mark.parametrize("records", ["kept", "lapsed", "wiped"])
    async def test_who_died_meanwhile_is_held_back_for_one_ttl(
        self, harness: ProviderHarness, cluster: str, records: Records
    ) -> None:
        member = harness.member()
        async with (
            joined(harness, cluster) as a,
            running(harness, cluster, member) as process,
        ):
            await a.views.until(a.member, member)
            await harness.stop_service()
            await process.kill()
            await harness.start_service(records)
            await a.views.quiet(0.7 * harness.ttl)
            await a.views.until(a.member, within=2 * harness.ttl + harness.patience)

    @needs("has_service")
    async def test_join_waits_for_the_service(
        self, harness: ProviderHarness, cluster: str
    ) -> None:
        await harness.stop_service()
        provider, member = harness.provider(), harness.member()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(harness.ttl), provider.join(cluster, member):
                pytest.fail("joined without a service")
        waiting = asyncio.create_task(_join(harness, cluster))
        await asyncio.wait([waiting], timeout=harness.ttl)
        assert not waiting.done()
        await harness.start_service()
        async with looking_on(harness, cluster) as views:
            await waiting
            await views.until()

    @needs("has_service")
    async def test_leaving_without_a_service_ends(
        self, harness: ProviderHarness, cluster: str
    ) -> None:
        async with asyncio.timeout(None) as limit:
            async with joined(harness, cluster) as a:
                await a.views.until(a.member)
                await harness.stop_service()
                now = asyncio.get_running_loop().time()
                limit.reschedule(now + harness.patience)
        await harness.start_service()
        async with looking_on(harness, cluster) as views:
            await views.until(within=2 * harness.ttl + harness.patience)

    @needs("has_arbiter")
    async def test_a_short_cut_off_costs_nothing(
        self, harness: ProviderHarness, cluster: str
    ) -> None:
        async with joined(harness, cluster) as a, joined(harness, cluster) as b:
            await a.views.until(a.member, b.member)
            await b.views.until(a.member, b.member)
            await harness.isolate(b.provider)
            await b.views.quiet(harness.ttl / 4)
            await harness.reconnect(b.provider)
            await a.views.quiet(2 * harness.ttl)
            await b.views.quiet(0.0)

    @needs("has_arbiter")
    async def test_who_is_evicted_while_away_is_told_and_joins_anew(
        self, harness: ProviderHarness, cluster: str
    ) -> None:
        async with joined(harness, cluster) as a:
            async with joined(harness, cluster) as b:
                await a.views.until(a.member, b.member)
                await harness.isolate(b.provider)
                await a.views.until(a.member, within=harness.ttl + harness.slack)
                await harness.reconnect(b.provider)
                await b.views.until_lost(within=harness.ttl + harness.patience)
            assert b.member not in a.views.members
            async with joined(harness, cluster, provider=b.provider) as again:
                await a.views.until(a.member, again.member)

    @needs("has_watch_stream")
    async def test_a_silently_stalled_watch_is_noticed(
        self, harness: ProviderHarness, cluster: str
    ) -> None:
        async with joined(harness, cluster) as a:
            await a.views.until(a.member)
            await harness.stall_watches()
            async with joined(harness, cluster) as b:
                within = harness.resync + harness.slack
                await a.views.until(a.member, b.member, within=within)


async def _join(harness: ProviderHarness, cluster: str) -> None:
    async with joined(harness, cluster) as a:
        await a.views.until(a.member)
