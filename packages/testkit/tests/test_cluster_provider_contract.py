"""The contract catches providers that break it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace

import pytest

from protoactor_cluster._memory_backend import Feed
from protoactor_cluster.errors import MembershipLost
from protoactor_cluster.memory_provider import MemoryBackend, MemoryProvider, Records
from protoactor_cluster.provider import Member, MembershipView
from protoactor_testkit.contracts import ClusterProviderContract, MemoryHarness

pytestmark = pytest.mark.virtual_time

Views = AsyncGenerator[MembershipView, None]


class Repetitive(MemoryProvider):
    """Yields every view twice."""

    async def watch(self, cluster: str) -> Views:
        async with aclosing(super().watch(cluster)) as views:
            async for view in views:
                yield replace(view, revision=2 * view.revision)
                yield replace(view, revision=2 * view.revision + 1)


class Timeless(MemoryProvider):
    """Does not count its views."""

    async def watch(self, cluster: str) -> Views:
        async with aclosing(super().watch(cluster)) as views:
            async for view in views:
                yield replace(view, revision=1)


class Selfless(MemoryProvider):
    """Does not see itself."""

    async def watch(self, cluster: str) -> Views:
        async with aclosing(super().watch(cluster)) as views:
            async for view in views:
                others = [member for member in view.members if member != self.member]
                yield MembershipView.of(others, view.revision)


class Deaf(MemoryProvider):
    """Does not hear what happens between listing and watching."""

    async def watch(self, cluster: str) -> Views:
        async with aclosing(super().watch(cluster)) as views:
            yield await anext(views)
        await asyncio.sleep(0.05)
        async with aclosing(super().watch(cluster)) as views:
            await anext(views)
            async for view in views:
                yield view


class Blurry(MemoryProvider):
    """Confuses clusters whose names begin alike."""

    @asynccontextmanager
    async def join(self, cluster: str, member: Member) -> AsyncGenerator[None, None]:
        async with super().join(cluster[:4], member):
            yield

    def watch(self, cluster: str) -> Views:
        return super().watch(cluster[:4])


class Terse(MemoryProvider):
    """Registers less than the member says of itself."""

    @asynccontextmanager
    async def join(self, cluster: str, member: Member) -> AsyncGenerator[None, None]:
        async with super().join(cluster, replace(member, metadata=())):
            yield


class Premature(MemoryProvider):
    """Enters the block before the member is registered."""

    @asynccontextmanager
    async def join(self, cluster: str, member: Member) -> AsyncGenerator[None, None]:
        async def join_later(left: asyncio.Event) -> None:
            await asyncio.sleep(0.05)
            async with MemoryProvider(self._backend).join(cluster, member):
                await left.wait()

        left = asyncio.Event()
        joining = asyncio.create_task(join_later(left))
        try:
            yield
        finally:
            left.set()
            await joining


class Lingering(MemoryProvider):
    """Leaves its record to run out."""

    @asynccontextmanager
    async def join(self, cluster: str, member: Member) -> AsyncGenerator[None, None]:
        async with super().join(cluster, member):
            yield
            self._backend.disconnect(member.id)


class Sticky(MemoryProvider):
    """Leaves only if nothing went wrong."""

    @asynccontextmanager
    async def join(self, cluster: str, member: Member) -> AsyncGenerator[None, None]:
        self._joining = super().join(cluster, member)  # or it leaves as garbage
        await self._joining.__aenter__()
        yield
        await self._joining.__aexit__(None, None, None)


class Leaky(MemoryProvider):
    """Leaves a thread behind now and then."""

    _joins = 0

    @asynccontextmanager
    async def join(self, cluster: str, member: Member) -> AsyncGenerator[None, None]:
        self._joins += 1
        if self._joins % 50 == 0:
            hanging = threading.Event()
            threading.Thread(target=hanging.wait, args=(60,), daemon=True).start()
        async with super().join(cluster, member):
            yield


class Impatient(MemoryProvider):
    """Does not wait for a service that is down."""

    @asynccontextmanager
    async def join(self, cluster: str, member: Member) -> AsyncGenerator[None, None]:
        if not self._backend._up:
            raise ConnectionError
        async with super().join(cluster, member):
            yield


class Nervous(MemoryProvider):
    """Promises more patience than it has."""

    @property
    def lease_ttl(self) -> float:
        return 10 * self._backend.ttl


class HastyBackend(MemoryBackend):
    """Believes an empty service at once."""

    def _resume(self, feeds: Iterable[Feed]) -> None:
        for feed in tuple(feeds):
            self._push(feed)


class HarshBackend(MemoryBackend):
    """Takes a record that lapsed during an outage for an eviction."""

    def start(self, records: Records = "kept") -> None:
        for cluster, record in self._records():
            self._evicted.add((cluster, record.member.id))
        super().start(records)


class LaxBackend(MemoryBackend):
    """Takes an evicted member back."""

    def _expire(self, cluster: str, member: Member) -> None:
        super()._expire(cluster, member)
        self._evicted.clear()


class PatientBackend(MemoryBackend):
    """Keeps silent members for ever."""

    def _expire(self, cluster: str, member: Member) -> None:
        pass


class HoardingBackend(MemoryBackend):
    """Lists an address for every member that was ever there."""

    def __init__(self, *, ttl: float) -> None:
        super().__init__(ttl=ttl)
        self.allow_duplicates()


class SilentBackend(MemoryBackend):
    """Says nothing, even if asked, while its watches are stalled."""

    def _push(self, feed: Feed) -> None:
        if not self._stalled:
            super()._push(feed)


class QuickHarness(MemoryHarness):
    slack = 0.5
    patience = 1.0


CASES = ClusterProviderContract()
BROKEN: list[tuple[type[MemoryProvider | MemoryBackend], str]] = [
    (Repetitive, "test_a_member_sees_itself"),
    (Timeless, "test_members_see_each_other_come_and_go"),
    (Selfless, "test_a_member_sees_itself"),
    (Deaf, "test_nothing_is_lost_between_listing_and_watching"),
    (Blurry, "test_clusters_with_similar_names_never_mix"),
    (Terse, "test_kinds_and_metadata_stay_as_they_are"),
    (Premature, "test_who_has_joined_is_in_every_first_view"),
    (Lingering, "test_who_has_left_is_in_no_first_view"),
    (Sticky, "test_a_block_that_raises_leaves"),
    (Sticky, "test_a_cancelled_block_leaves"),
    (Leaky, "test_200_starts_and_stops_leak_nothing"),
    (Impatient, "test_join_waits_for_the_service"),
    (PatientBackend, "test_a_killed_member_is_dropped_within_its_ttl"),
    (PatientBackend, "test_a_process_frozen_for_longer_is_dropped"),
    (Nervous, "test_a_process_frozen_for_less_than_its_lease_ttl_stays"),
    (LaxBackend, "test_who_was_frozen_too_long_learns_that_it_was_evicted"),
    (HoardingBackend, "test_kill_and_quick_restart_on_the_same_address"),
    (HastyBackend, "test_members_return_under_their_ids_and_nobody_is_evicted"),
    (HastyBackend, "test_who_died_meanwhile_is_held_back_for_one_ttl"),
    (HarshBackend, "test_members_return_under_their_ids_and_nobody_is_evicted"),
    (LaxBackend, "test_who_is_evicted_while_away_is_told_and_joins_anew"),
    (SilentBackend, "test_a_silently_stalled_watch_is_noticed"),
]
ARGUMENTS = {
    "test_clusters_with_similar_names_never_mix": ["/eu"],
    "test_kinds_and_metadata_stay_as_they_are": [("Counter",)],
    "test_members_return_under_their_ids_and_nobody_is_evicted": ["lapsed"],
    "test_who_died_meanwhile_is_held_back_for_one_ttl": ["wiped"],
}


@pytest.mark.parametrize(("broken", "case"), BROKEN)
async def test_a_broken_provider_is_caught(
    broken: type[MemoryProvider | MemoryBackend], case: str
) -> None:
    if issubclass(broken, MemoryBackend):
        harness = QuickHarness(backend=broken)
    else:
        harness = QuickHarness(provider=broken)
    run: Callable[..., Awaitable[None]] = getattr(CASES, case)
    with pytest.raises((AssertionError, MembershipLost, ConnectionError)):
        await run(harness, "shop", *ARGUMENTS.get(case, []))
