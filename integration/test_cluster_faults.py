"""Five member processes under the load of a client process, and what goes wrong.

The bounds are those of `docs/explanation/guarantees.md`; `fault_figures.py` prints
what they are here.
"""

from __future__ import annotations

import pytest
from cluster_shop import automanaged, in_etcd
from etcd_server import EtcdCluster, EtcdServer
from fault_scenarios import (
    Killed,
    Outage,
    Restarted,
    freeze_member,
    heal_split,
    kill_member,
    lose_leader,
    restart_all,
    take_provider_down,
)

T_CONV = 2.0
ADDED_P99 = 1.0
BACK = 8.0
BACK_FAST = 3.0
BACK_IN_SERVICE = 5.0
HEALED = 10.0
LEASE = 5.0


class TestRollingRestart:
    def check(self, restarted: Restarted) -> None:
        assert restarted.failed == []
        assert restarted.calls > 100
        assert restarted.added_p99 <= ADDED_P99

    async def test_no_call_fails_with_automanaged(self) -> None:
        self.check(await restart_all(automanaged(5)))

    @pytest.mark.long
    async def test_no_call_fails_with_etcd(self, etcd: EtcdServer) -> None:
        self.check(await restart_all(in_etcd([etcd.endpoint]), calm=10.0))


class TestKilledMember:
    def check(self, killed: Killed, bound: float) -> None:
        assert killed.hosted > 0
        assert killed.back_p99 <= bound
        assert killed.views_differed <= T_CONV
        assert killed.failed_elsewhere == []
        assert killed.lives_left == 0, "others keep their activations"

    async def test_identities_answer_again_with_automanaged(self) -> None:
        self.check(await kill_member(automanaged(5)), BACK)

    async def test_identities_answer_again_with_etcd(self, etcd: EtcdServer) -> None:
        self.check(await kill_member(in_etcd([etcd.endpoint])), BACK)

    async def test_sooner_with_the_fast_profile(self, etcd: EtcdServer) -> None:
        """The lease has not ended yet: members agree, and clients ask those who know."""
        provider = in_etcd([etcd.endpoint])
        self.check(await kill_member(provider, detection="fast"), BACK_FAST)

    @pytest.mark.long
    async def test_sooner_with_the_fast_profile_and_automanaged(self) -> None:
        self.check(await kill_member(automanaged(5), detection="fast"), BACK_FAST)


class TestPartition:
    async def test_views_agree_again_and_nothing_is_active_twice(self) -> None:
        healed = await heal_split()
        assert healed.duplicates > 0, "or there was nothing to resolve"
        assert healed.agreed_after <= HEALED
        assert healed.resolved_after <= HEALED
        assert healed.failed_after == []


class TestProviderOutage:
    def check(self, outage: Outage) -> None:
        assert outage.failed == []
        assert outage.calls > 100
        assert outage.lives == 1, "every activation stays alive"
        assert outage.changes == 0, "nobody is dropped, and nobody returns"
        assert outage.back_after <= BACK_IN_SERVICE

    async def test_no_call_fails_and_members_are_back(self, etcd: EtcdServer) -> None:
        """Longer than two leases; the service comes back empty, which is worse."""
        self.check(await take_provider_down(etcd, 2 * LEASE, wiped=True))

    @pytest.mark.long
    @pytest.mark.parametrize("wiped", [False, True], ids=["kept", "wiped"])
    async def test_for_a_minute(self, etcd: EtcdServer, wiped: bool) -> None:
        self.check(await take_provider_down(etcd, 60.0, wiped=wiped))

    async def test_a_leader_that_dies_is_not_noticed(
        self, etcd_cluster: EtcdCluster
    ) -> None:
        self.check(await lose_leader(etcd_cluster))


async def test_a_member_frozen_past_its_lease_starts_no_handler_of_an_old_activation(
    etcd: EtcdServer,
) -> None:
    frozen = await freeze_member(in_etcd([etcd.endpoint]), LEASE + 4.0)
    assert frozen.unanswered > 0, "or there was nothing to hold back"
    assert frozen.handled == []
    assert frozen.moved == frozen.hosted, "its identities, and no others, moved"
