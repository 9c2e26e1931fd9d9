"""Contract: joining, leaving, and what everybody sees of it."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

import pytest

from protoactor_testkit.contracts.harness import ProviderHarness
from protoactor_testkit.contracts.joined import joined, looking_on
from protoactor_testkit.contracts.powers import Contract, needs

__all__ = ["JoiningContract"]


class JoiningContract(Contract):
    async def test_a_member_sees_itself(
        self, harness: ProviderHarness, cluster: str
    ) -> None:
        async with joined(harness, cluster) as a:
            await a.views.until(a.member)

    async def test_members_see_each_other_come_and_go(
        self, harness: ProviderHarness, cluster: str
    ) -> None:
        async with joined(harness, cluster) as a:
            async with joined(harness, cluster) as b:
                await a.views.until(a.member, b.member)
                await b.views.until(a.member, b.member)
            await a.views.until(a.member)

    async def test_who_has_joined_is_in_every_first_view(
        self, harness: ProviderHarness, cluster: str
    ) -> None:
        async with joined(harness, cluster) as a, looking_on(harness, cluster) as views:
            assert a.member in (await views.first()).members

    async def test_a_block_that_raises_leaves(
        self, harness: ProviderHarness, cluster: str
    ) -> None:
        async def raises() -> None:
            async with joined(harness, cluster) as b:
                await a.views.until(a.member, b.member)
                raise LookupError

        async with joined(harness, cluster) as a:
            with pytest.raises(LookupError):
                await raises()
            await a.views.until(a.member)

    async def test_a_cancelled_block_leaves(
        self, harness: ProviderHarness, cluster: str
    ) -> None:
        member = harness.member()

        async def stays() -> None:
            async with joined(harness, cluster, member):
                await asyncio.Event().wait()

        async with joined(harness, cluster) as a:
            staying = asyncio.create_task(stays())
            await a.views.until(a.member, member)
            staying.cancel()
            await asyncio.wait([staying])
            assert staying.cancelled()
            await a.views.until(a.member)

    async def test_who_has_left_is_in_no_first_view(
        self, harness: ProviderHarness, cluster: str
    ) -> None:
        async with joined(harness, cluster) as a:
            async with joined(harness, cluster) as b:
                await a.views.until(a.member, b.member)
            async with looking_on(harness, cluster) as views:
                assert (await views.first()).members == (a.member,)

    async def test_a_client_is_never_listed(
        self, harness: ProviderHarness, cluster: str
    ) -> None:
        async with looking_on(harness, cluster) as views:
            assert (await views.first()).members == ()
            async with joined(harness, cluster) as a:
                await views.until(a.member)
                await a.views.until(a.member)
                assert len(a.views.history) == 1

    @needs("has_service")
    async def test_when_the_last_member_leaves_nobody_is_listed(
        self, harness: ProviderHarness, cluster: str
    ) -> None:
        async with looking_on(harness, cluster) as views:
            async with joined(harness, cluster) as a:
                await views.until(a.member)
            await views.until()

    async def test_nothing_is_lost_between_listing_and_watching(
        self, harness: ProviderHarness, cluster: str
    ) -> None:
        moments = [0.0, *(harness.ttl / 2**n for n in range(12))]
        logs = [looking_on(harness, cluster, after=moment) for moment in moments]
        async with AsyncExitStack() as stack:
            for log in logs:
                await stack.enter_async_context(log)
            await logs[0].first()
            async with joined(harness, cluster) as a, joined(harness, cluster) as b:
                for log in logs:
                    await log.until(a.member, b.member)

    async def test_nothing_comes_while_nothing_changes(
        self, harness: ProviderHarness, cluster: str
    ) -> None:
        async with joined(harness, cluster) as a, joined(harness, cluster) as b:
            await a.views.until(a.member, b.member)
            await a.views.quiet(3 * harness.ttl)

    async def test_two_watches_of_one_provider_see_the_same(
        self, harness: ProviderHarness, cluster: str
    ) -> None:
        async with (
            joined(harness, cluster) as a,
            looking_on(harness, cluster, provider=a.provider) as second,
        ):
            async with joined(harness, cluster) as b:
                await a.views.until(a.member, b.member)
                await second.until(a.member, b.member)
            await a.views.until(a.member)
            await second.until(a.member)

    async def test_a_provider_joins_again_under_a_new_id(
        self, harness: ProviderHarness, cluster: str
    ) -> None:
        async with joined(harness, cluster) as a:
            async with joined(harness, cluster) as b:
                await a.views.until(a.member, b.member)
            again = harness.member(port=b.member.port)
            async with joined(harness, cluster, again, provider=b.provider):
                await a.views.until(a.member, again)
            await a.views.until(a.member)
