"""protoactor-go and we find each other in one ZooKeeper, and in one Consul."""

from __future__ import annotations

from pathlib import Path

import pytest
from consul_server import ConsulServer
from go_member import CLUSTER, build, go_member
from zookeeper_server import ZooKeeperServer

from protoactor_cluster.provider import ClusterProvider, Member
from protoactor_provider_consul import ConsulProvider
from protoactor_provider_zookeeper import ZooKeeperProvider
from protoactor_testkit.contracts import ViewLog

INTEROP = Path(__file__).parent / "interop_services"
OURS = Member("py-1", "127.0.0.1", 7777, frozenset({"Py", "Ping"}), (("lookup", "x"),))
OTHER = Member("py-2", "127.0.0.1", 7778)
PATIENCE = 20.0


@pytest.fixture(scope="session")
def services_binary(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A member of protoactor-go; built once."""
    return build(INTEROP, tmp_path_factory.mktemp("go"))


async def test_zookeeper(services_binary: Path, zookeeper: ZooKeeperServer) -> None:
    one, other = (
        ZooKeeperProvider(zookeeper.endpoint, session_timeout=3) for _ in range(2)
    )
    await see_each_other(services_binary, "zookeeper", zookeeper.endpoint, one, other)


@pytest.mark.built
async def test_consul(services_binary: Path, consul: ConsulServer) -> None:
    one, other = (ConsulProvider(consul.endpoint, ttl=3) for _ in range(2))
    await see_each_other(services_binary, "consul", consul.endpoint, one, other)


async def see_each_other(
    binary: Path,
    service: str,
    endpoint: str,
    one: ClusterProvider,
    other: ClusterProvider,
) -> None:
    async with go_member(binary, service, endpoint) as go:
        own = await go.joined()
        async with (
            one.join(CLUSTER, OURS),
            ViewLog(one, CLUSTER, me=OURS, patience=PATIENCE) as views,
        ):
            await go.sees(OURS)
            await views.first()
            (theirs,) = (each for each in views.members if each != OURS)
            assert theirs.id == own
            assert theirs.kinds == {"Go", "prototopic"}
            async with other.join(CLUSTER, OTHER):
                await go.sees(OURS, OTHER)
                await views.until_listed(OTHER)
            await go.sees(OURS)
            await go.leave()
            await views.until(OURS)
