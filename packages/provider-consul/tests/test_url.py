"""What users may write to say where Consul is."""

from __future__ import annotations

from pathlib import Path

import pytest

from protoactor.plugins import CLUSTER_PROVIDERS, load
from protoactor_cluster.provider import ClusterProvider, lease_ttl
from protoactor_provider_consul import ConsulProvider, ConsulTLS
from protoactor_provider_consul._url import parse_consul_url


@pytest.mark.parametrize("url", ["consul", "consul://", "consul://?"])
def test_without_an_address_it_is_the_local_agent(url: str) -> None:
    provider = ConsulProvider.from_url(url)
    assert provider._settings.endpoints == (("127.0.0.1", 8500),)


def test_all_parameters(tmp_path: Path) -> None:
    ca = tmp_path / "ca.pem"
    ca.touch()
    host, options = parse_consul_url(
        "consul://[::1]:8501?ttl=7.5&deregister_critical=90&stall_limit=20&timeout=1"
        f"&join_timeout=30&token=s%2Fcret&prefix=apps/shop&ca={ca}"
    )
    assert host == "[::1]:8501"
    assert options == {
        "ttl": 7.5,
        "deregister_critical": 90.0,
        "stall_limit": 20.0,
        "timeout": 1.0,
        "join_timeout": 30.0,
        "token": "s/cret",
        "prefix": "apps/shop",
        "tls": ConsulTLS(str(ca)),
    }


@pytest.mark.parametrize(
    "url",
    [
        "consul://a?lease_ttl=5",
        "consul://a?ttl=5&ttl=6",
        "consul://a?ttl=5s",
        "consul://a?ttl=0",
        "consul://a?deregister_critical=-1",
        "consul://a?join_timeout=nan",
        "consul://a,b",
        "consul://a:x",
        "consul://a/protoactor",
        "consul://a?prefix=/",
        "consul://user:password@a",
        "consul://a?certificate=/x&key=/y",
        "consul://a?ca=/no/such/file",
    ],
)
def test_mistakes_are_refused_at_once(url: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        ConsulProvider.from_url(url)


@pytest.mark.parametrize(
    "url", ["consul://a?token=secret&x=1", "consul://a?token=secret&token=secret"]
)
def test_the_token_is_in_no_message(url: str) -> None:
    with pytest.raises(ValueError, match="URL") as caught:
        ConsulProvider.from_url(url)
    assert "secret" not in str(caught.value)


def test_installed_under_its_scheme() -> None:
    provider = load(CLUSTER_PROVIDERS, "consul://10.0.0.1:8500?ttl=8")
    assert isinstance(provider, ConsulProvider)
    assert isinstance(provider, ClusterProvider)
    assert lease_ttl(provider) == 8.0
