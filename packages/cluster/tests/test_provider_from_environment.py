"""`PROTOACTOR_CLUSTER_URL` stands in where no provider is given."""

import pytest

from protoactor import ActorSystem, PluginNotFound
from protoactor_cluster import Cluster, SingleMemberProvider
from protoactor_remote import Remote

VARIABLE = "PROTOACTOR_CLUSTER_URL"


def cluster(
    system: ActorSystem, provider: SingleMemberProvider | None = None
) -> Cluster:
    return Cluster(Remote(system), "shop", provider=provider)


async def test_the_environment_names_the_provider(
    system: ActorSystem, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, "zeppelin://10.0.0.1")
    with pytest.raises(PluginNotFound, match="'zeppelin'"):
        cluster(system)


async def test_a_provider_that_is_given_wins(
    system: ActorSystem, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, "zeppelin://10.0.0.1")
    given = SingleMemberProvider()
    assert cluster(system, given).provider is given


async def test_without_either_the_error_says_what_to_do(
    system: ActorSystem, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    with pytest.raises(ValueError, match=r"provider=\.\.\., or set PROTOACTOR_CLUSTER"):
        cluster(system)
