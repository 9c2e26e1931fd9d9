"""protoactor-go and we find each other in one etcd."""

from __future__ import annotations

from pathlib import Path

import pytest
from etcd_server import EtcdServer
from go_member import CLUSTER, PATIENCE, build, go_member

from protoactor_cluster.provider import Member
from protoactor_provider_etcd import EtcdProvider
from protoactor_testkit.contracts import ViewLog

INTEROP = Path(__file__).parent / "interop_etcd"
GO_TTL = 3.0
OURS = Member("py-1", "127.0.0.1", 7777, frozenset({"Py", "Ping"}), (("lookup", "x"),))


@pytest.fixture(scope="session")
def binary(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A member of protoactor-go; built once."""
    return build(INTEROP, tmp_path_factory.mktemp("go"))


def one_from_go(views: ViewLog) -> Member:
    (member,) = (each for each in views.members if each.id != OURS.id)
    return member


async def test_members_of_both_see_each_other(binary: Path, etcd: EtcdServer) -> None:
    provider = EtcdProvider(etcd.endpoint, lease_ttl=2)
    async with go_member(binary, etcd.endpoint) as go:
        own = await go.joined()
        async with provider.join(CLUSTER, OURS), ViewLog(provider, CLUSTER) as views:
            await go.sees(OURS)
            await views.first()
            assert one_from_go(views).id == own
            assert one_from_go(views).kinds == {"Go", "prototopic"}
            other = Member("py-2", "127.0.0.1", 7778)
            async with EtcdProvider(etcd.endpoint).join(CLUSTER, other):
                await go.sees(OURS, other)
                await views.until_listed(other)
            await go.sees(OURS)
            await go.leave()
            await views.until(OURS)


async def test_marks_of_evictions_do_not_bother_go(
    binary: Path, etcd: EtcdServer
) -> None:
    provider = EtcdProvider(etcd.endpoint, lease_ttl=2)
    async with provider.join(CLUSTER, OURS), ViewLog(provider, CLUSTER) as views:
        async with go_member(binary, etcd.endpoint) as dead:
            own = await dead.joined()
            await dead.sees(OURS)
            await dead.kill()
            await views.until(OURS, within=GO_TTL + PATIENCE)
        assert f"/protoactor/%evicted/{CLUSTER}/{own}" in etcd.list_keys()
        async with go_member(binary, etcd.endpoint) as go:
            await go.sees(OURS)
