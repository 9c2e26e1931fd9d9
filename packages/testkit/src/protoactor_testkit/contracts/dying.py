"""Contract: members that end without a word, hang, or come and go all the time."""

from __future__ import annotations

from protoactor_cluster.provider import lease_ttl
from protoactor_testkit.contracts.harness import ProviderHarness
from protoactor_testkit.contracts.joined import Resources, eventually, joined, running
from protoactor_testkit.contracts.powers import Contract, needs

__all__ = ["DyingContract"]

CYCLES = 200


class DyingContract(Contract):
    async def test_a_killed_member_is_dropped_within_its_ttl(
        self, harness: ProviderHarness, cluster: str
    ) -> None:
        member = harness.member()
        async with (
            joined(harness, cluster) as a,
            running(harness, cluster, member) as process,
        ):
            await a.views.until(a.member, member)
            await process.kill()
            await a.views.until(a.member, within=harness.ttl + harness.slack)

    async def test_kill_and_quick_restart_on_the_same_address(
        self, harness: ProviderHarness, cluster: str
    ) -> None:
        old = harness.member()
        new = harness.member(host=old.host, port=old.port)
        async with joined(harness, cluster) as a:
            async with running(harness, cluster, old) as process:
                await a.views.until(a.member, old)
                await process.kill()
            async with running(harness, cluster, new) as process:
                within = harness.ttl + harness.slack
                await a.views.until(a.member, new, within=within)
                await a.views.quiet(harness.ttl)
                await process.leave()
                await a.views.until(a.member)

    async def test_a_process_frozen_for_less_than_its_lease_ttl_stays(
        self, harness: ProviderHarness, cluster: str
    ) -> None:
        member = harness.member()
        async with (
            joined(harness, cluster) as a,
            running(harness, cluster, member) as process,
        ):
            await a.views.until(a.member, member)
            await process.freeze()
            await a.views.quiet(lease_ttl(a.provider) / 2)
            await process.thaw()
            await a.views.quiet(2 * harness.ttl)

    async def test_a_process_frozen_for_longer_is_dropped(
        self, harness: ProviderHarness, cluster: str
    ) -> None:
        member = harness.member()
        async with (
            joined(harness, cluster) as a,
            running(harness, cluster, member) as process,
        ):
            await a.views.until(a.member, member)
            await process.freeze()
            await a.views.until(a.member, within=harness.ttl + harness.slack)

    @needs("has_arbiter")
    async def test_who_was_frozen_too_long_learns_that_it_was_evicted(
        self, harness: ProviderHarness, cluster: str
    ) -> None:
        member = harness.member()
        async with (
            joined(harness, cluster) as a,
            running(harness, cluster, member) as process,
        ):
            await a.views.until(a.member, member)
            await process.freeze()
            await a.views.until(a.member, within=harness.ttl + harness.slack)
            await process.thaw()
            await process.membership_lost(within=harness.ttl + harness.patience)
            await a.views.quiet(harness.ttl)

    @needs("has_keep_alive_thread")
    async def test_a_loop_blocked_below_the_stall_limit_costs_nothing(
        self, harness: ProviderHarness, cluster: str
    ) -> None:
        member = harness.member()
        async with (
            joined(harness, cluster) as a,
            running(harness, cluster, member) as process,
        ):
            await a.views.until(a.member, member)
            await process.block_loop(0.7 * harness.stall_limit)
            await a.views.quiet(harness.stall_limit + harness.ttl)

    @needs("has_keep_alive_thread")
    async def test_a_loop_blocked_above_the_stall_limit_costs_membership(
        self, harness: ProviderHarness, cluster: str
    ) -> None:
        member = harness.member()
        within = harness.stall_limit + harness.ttl + harness.slack
        async with (
            joined(harness, cluster) as a,
            running(harness, cluster, member) as process,
        ):
            await a.views.until(a.member, member)
            await process.block_loop(within + harness.slack)
            await a.views.until(a.member, within=within)

    @needs("has_keep_alive_thread", "has_arbiter")
    async def test_who_was_blocked_too_long_learns_that_it_was_evicted(
        self, harness: ProviderHarness, cluster: str
    ) -> None:
        member = harness.member()
        blocked = harness.stall_limit + harness.ttl + harness.slack
        async with (
            joined(harness, cluster) as a,
            running(harness, cluster, member) as process,
        ):
            await a.views.until(a.member, member)
            await process.block_loop(blocked)
            await a.views.until(a.member, within=blocked)
            await process.membership_lost(within=blocked + harness.patience)

    async def test_200_starts_and_stops_leak_nothing(
        self, harness: ProviderHarness, cluster: str
    ) -> None:
        provider = harness.provider()

        async def start_and_stop(times: int) -> None:
            for _ in range(times):
                async with joined(harness, cluster, provider=provider) as a:
                    await a.views.until(a.member)

        await start_and_stop(10)  # what is made once has been made by now
        before = Resources()
        await start_and_stop(CYCLES)
        await eventually(
            lambda: not before.leaked(),
            lambda: f"leaked {before.leaked()}",
            harness.patience,
        )
