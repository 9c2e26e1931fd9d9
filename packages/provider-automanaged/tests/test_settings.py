"""Hosts, URLs and numbers: what is accepted, and what is refused at once."""

from __future__ import annotations

import pytest

from protoactor.plugins import CLUSTER_PROVIDERS, load
from protoactor_cluster.errors import ClusterError
from protoactor_cluster.provider import ClusterProvider
from protoactor_provider_automanaged import AutomanagedProvider, BadSetting
from protoactor_provider_automanaged._host import Host
from protoactor_provider_automanaged._settings import Settings
from protoactor_provider_automanaged._url import read_url


@pytest.mark.parametrize(
    ("text", "name", "url"),
    [
        ("a:6331", "a", "http://a:6331/_health"),
        ("10.0.0.1:1", "10.0.0.1", "http://10.0.0.1:1/_health"),
        ("[::1]:6331", "::1", "http://[::1]:6331/_health"),
        ("m-1.shop.svc:65535", "m-1.shop.svc", "http://m-1.shop.svc:65535/_health"),
    ],
)
def test_a_host_is_a_name_and_a_port(text: str, name: str, url: str) -> None:
    host = Host.parse(text)
    assert host.name == name
    assert str(host) == text
    assert str(host.url(secure=False)) == url
    assert str(host.url(secure=True)) == url.replace("http", "https")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a",
        ":6331",
        "a:",
        "a:0",
        "a:65536",
        "a:٣",
        "a:6331/",
        "http://a:6331",
        "user@a:6331",
        "a b:6331",
        "::1:6331",
        "[a]:6331",
        "[1.2.3.4]:6331",
        "[::1]",
        "a:6331?x=1",
        "a#:6331",
    ],
)
def test_what_is_no_host_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(BadSetting, match="no host:port"):
        AutomanagedProvider([text])


def test_hosts_must_be_a_list() -> None:
    with pytest.raises(BadSetting, match="list of 'host:port'"):
        AutomanagedProvider("a:6331")


def test_hosts_must_not_be_empty() -> None:
    with pytest.raises(BadSetting, match="empty"):
        AutomanagedProvider([])


@pytest.mark.parametrize("port", [0, -1, 65536])
def test_a_port_must_be_one(port: int) -> None:
    with pytest.raises(BadSetting, match="port"):
        AutomanagedProvider(["a:1"], port)


@pytest.mark.parametrize("value", [0, -1.0, float("nan")])
@pytest.mark.parametrize(
    "name", ["interval", "misses", "request_timeout", "stall_limit"]
)
def test_times_and_counts_must_be_positive(name: str, value: float) -> None:
    with pytest.raises(BadSetting, match=name):
        AutomanagedProvider(["a:1"], **{name: value})  # pyright: ignore[reportArgumentType]


def test_bad_settings_are_cluster_errors_and_value_errors() -> None:
    assert issubclass(BadSetting, ClusterError)
    assert issubclass(BadSetting, ValueError)


def test_a_url_says_everything() -> None:
    hosts, options = read_url(
        "automanaged://a:6331,[::1]:6332/?port=6331&interval=0.5&misses=3"
        "&request_timeout=2&stall_limit=20&bind=0.0.0.0"
    )
    assert hosts == ["a:6331", "[::1]:6332"]
    assert options == {
        "port": 6331,
        "interval": 0.5,
        "misses": 3,
        "request_timeout": 2.0,
        "stall_limit": 20.0,
        "bind": "0.0.0.0",
    }


def test_a_url_finds_the_provider_by_its_scheme() -> None:
    provider = load(CLUSTER_PROVIDERS, "automanaged://a:6331?port=6331")
    assert isinstance(provider, AutomanagedProvider)
    assert isinstance(provider, ClusterProvider)


@pytest.mark.parametrize(
    "url",
    [
        "etcd://a:6331",
        "automanaged:a:6331",
        "automanaged://",
        "automanaged://a",
        "automanaged://a:1,,b:1",
        "automanaged://a:1?port=x",
        "automanaged://a:1?port=",
        "automanaged://a:1?ports=1",
        "automanaged://a:1?port=1&port=2",
    ],
)
def test_a_url_that_cannot_be_meant_is_refused(url: str) -> None:
    with pytest.raises(BadSetting):
        AutomanagedProvider.from_url(url)


@pytest.mark.parametrize(
    ("hosts", "bind", "bound"),
    [
        (["localhost:1", "127.0.0.2:1"], None, ["127.0.0.1:9"]),
        (["[::1]:1"], None, ["127.0.0.1:9", "[::1]:9"]),
        (["localhost:1", "10.0.0.1:1"], None, ["0.0.0.0:9"]),
        (["a:1", "[2001:db8::1]:1"], None, ["0.0.0.0:9", "[::]:9"]),
        (["a:1"], "10.0.0.1", ["10.0.0.1:9"]),
    ],
)
def test_only_loopback_is_bound_while_everybody_lives_there(
    hosts: list[str], bind: str | None, bound: list[str]
) -> None:
    parsed = tuple(Host.parse(host) for host in hosts)
    settings = Settings(parsed, 9, 1.0, 2, 1.0, 10.0, bind)
    assert [str(host) for host in settings.bound(9)] == bound
