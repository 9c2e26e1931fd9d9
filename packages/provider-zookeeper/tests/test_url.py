"""What users may write to say where ZooKeeper is."""

from __future__ import annotations

from pathlib import Path

import pytest

from protoactor.plugins import CLUSTER_PROVIDERS, load
from protoactor_cluster.provider import ClusterProvider, lease_ttl
from protoactor_provider_zookeeper import ZooKeeperProvider, ZooKeeperTLS
from protoactor_provider_zookeeper._url import parse_zookeeper_url


@pytest.mark.parametrize("url", ["zookeeper", "zookeeper://", "zookeeper://?"])
def test_without_an_address_it_is_the_local_one(url: str) -> None:
    settings = ZooKeeperProvider.from_url(url)._settings
    assert settings.endpoints == (("127.0.0.1", 2181),)
    assert settings.prefix == "/protoactor"


def test_all_parameters(tmp_path: Path) -> None:
    ca = tmp_path / "ca.pem"
    ca.touch()
    hosts, options = parse_zookeeper_url(
        "zookeeper://shop:p%40ss@10.0.0.1:2181,[::1]:2182/apps/shop"
        "?session_timeout=7.5&stall_limit=20&timeout=1&join_timeout=30"
        f"&ca={ca}"
    )
    assert hosts == "10.0.0.1:2181,[::1]:2182"
    assert options == {
        "prefix": "/apps/shop",
        "user": "shop",
        "password": "p@ss",
        "session_timeout": 7.5,
        "stall_limit": 20.0,
        "timeout": 1.0,
        "join_timeout": 30.0,
        "tls": ZooKeeperTLS(str(ca)),
    }


@pytest.mark.parametrize(
    ("prefix", "is_"), [("/", ""), ("/a/", "/a"), ("/a/b", "/a/b")]
)
def test_prefixes(prefix: str, is_: str) -> None:
    assert ZooKeeperProvider(prefix=prefix)._settings.prefix == is_


@pytest.mark.parametrize("prefix", ["", "a", "//a", "/a//b"])
def test_prefixes_that_are_no_path(prefix: str) -> None:
    with pytest.raises(ValueError, match="prefix"):
        ZooKeeperProvider(prefix=prefix)


@pytest.mark.parametrize(
    "url",
    [
        "zookeeper://a?lease_ttl=5",
        "zookeeper://a?session_timeout=5&session_timeout=6",
        "zookeeper://a?session_timeout=5s",
        "zookeeper://a?session_timeout=0",
        "zookeeper://a?join_timeout=nan",
        "zookeeper://a?timeout=inf",
        "zookeeper://a:x",
        "zookeeper://a,",
        "zookeeper://a//b",
        "zookeeper://a?certificate=/x&key=/y",
        "zookeeper://a?ca=/no/such/file",
        "zookeeper://user@a?x=1",
    ],
)
def test_mistakes_are_refused_at_once(url: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        ZooKeeperProvider.from_url(url)


def test_the_password_is_in_no_message() -> None:
    with pytest.raises(ValueError, match="session") as caught:
        ZooKeeperProvider.from_url("zookeeper://root:secret@a?session=5")
    assert "secret" not in str(caught.value)
    provider = ZooKeeperProvider(user="root", password="secret")
    assert "secret" not in repr(provider._settings)


@pytest.mark.parametrize("half", [{"user": "root"}, {"password": "x"}])
def test_user_and_password_go_together(half: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="password"):
        ZooKeeperProvider("a", user=half.get("user"), password=half.get("password"))


def test_installed_under_its_scheme() -> None:
    url = "zookeeper://10.0.0.1:2181,10.0.0.2:2181/apps?session_timeout=8"
    provider = load(CLUSTER_PROVIDERS, url)
    assert isinstance(provider, ZooKeeperProvider)
    assert isinstance(provider, ClusterProvider)
    assert lease_ttl(provider) == 8.0
