"""What users may write to say where etcd is."""

from __future__ import annotations

from pathlib import Path

import pytest

from protoactor.plugins import CLUSTER_PROVIDERS, load
from protoactor_cluster.provider import ClusterProvider, lease_ttl
from protoactor_cluster.spi import parse_endpoints
from protoactor_provider_etcd import EtcdProvider, EtcdTLS
from protoactor_provider_etcd._url import parse_etcd_url


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("127.0.0.1:2379", [("127.0.0.1", 2379)]),
        ("etcd.local", [("etcd.local", 2379)]),
        ("a:1,b:2", [("a", 1), ("b", 2)]),
        (["a:1", " b:2 "], [("a", 1), ("b", 2)]),
        (("[::1]:2379", "[::1]"), [("[::1]", 2379), ("[::1]", 2379)]),
    ],
)
def test_endpoints(given: str | list[str], expected: list[tuple[str, int]]) -> None:
    assert parse_endpoints("etcd", given, 2379) == tuple(expected)


@pytest.mark.parametrize(
    "given",
    [
        "",
        [],
        "a,",
        "a:",
        "a:x",
        "a:0",
        "a:65536",
        ":2379",
        "::1",
        "http://a:2379",
        "a:²",
    ],
)
def test_endpoints_that_are_none(given: str | list[str]) -> None:
    with pytest.raises(ValueError, match="endpoint"):
        EtcdProvider(given)


@pytest.mark.parametrize("url", ["etcd", "etcd://", "etcd://?"])
def test_without_an_address_it_is_the_local_etcd(url: str) -> None:
    hosts, options = parse_etcd_url(url)
    assert parse_endpoints("etcd", hosts, 2379) == (("127.0.0.1", 2379),)
    assert options == {}


def test_all_parameters(tmp_path: Path) -> None:
    ca = tmp_path / "ca.pem"
    ca.touch()
    hosts, options = parse_etcd_url(
        "etcd://root:p%40ss%3A%2F@10.0.0.1:2379,[::1]:2379"
        "?lease_ttl=7.5&stall_limit=20&timeout=1&join_timeout=30&prefix=/shop"
        f"&ca={ca}"
    )
    assert hosts == "10.0.0.1:2379,[::1]:2379"
    assert options == {
        "user": "root",
        "password": "p@ss:/",
        "lease_ttl": 7.5,
        "stall_limit": 20.0,
        "timeout": 1.0,
        "join_timeout": 30.0,
        "prefix": "/shop",
        "tls": EtcdTLS(str(ca)),
    }


@pytest.mark.parametrize(
    "url",
    [
        "etcd://a?lease=5",
        "etcd://a?lease_ttl=5&lease_ttl=6",
        "etcd://a?lease_ttl=5s",
        "etcd://a?lease_ttl=0",
        "etcd://a?lease_ttl=-1",
        "etcd://a?lease_ttl=nan",
        "etcd://a?timeout=inf",
        "etcd://a/protoactor",
        "etcd://a?certificate=/x&key=/y",
        "etcd://a?ca=/no/such/file",
    ],
)
def test_mistakes_are_refused_at_once(url: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        EtcdProvider.from_url(url)


def test_the_password_is_in_no_message() -> None:
    with pytest.raises(ValueError, match="lease") as caught:
        EtcdProvider.from_url("etcd://root:secret@a?lease=5")
    assert "secret" not in str(caught.value)
    assert "secret" not in repr(EtcdProvider(user="root", password="secret")._settings)


@pytest.mark.parametrize("half", [{"user": "root"}, {"password": "x"}])
def test_user_and_password_go_together(half: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="password"):
        EtcdProvider("a", user=half.get("user"), password=half.get("password"))


def test_certificate_and_key_go_together(tmp_path: Path) -> None:
    file = tmp_path / "file.pem"
    file.touch()
    with pytest.raises(ValueError, match="both"):
        EtcdTLS(file, certificate=file)


@pytest.mark.parametrize(("given", "ttl"), [(5.0, 5.0), (2.1, 3.0), (0.5, 1.0)])
def test_leases_are_whole_seconds(given: float, ttl: float) -> None:
    assert lease_ttl(EtcdProvider(lease_ttl=given)) == ttl


def test_installed_under_its_scheme() -> None:
    provider = load(CLUSTER_PROVIDERS, "etcd://10.0.0.1:2379,10.0.0.2:2379?lease_ttl=5")
    assert isinstance(provider, EtcdProvider)
    assert isinstance(provider, ClusterProvider)
