"""What users may write to say where Kubernetes is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from protoactor.plugins import CLUSTER_PROVIDERS, load
from protoactor_cluster.provider import ClusterProvider, lease_ttl
from protoactor_provider_kubernetes import KubernetesProvider, Pod
from protoactor_provider_kubernetes._url import parse_kubernetes_url

Kubeconfig = Callable[[int], Path]


def test_all_parameters() -> None:
    assert parse_kubernetes_url(
        "kubernetes://shop?kubeconfig=/k&context=c&lease_ttl=7.5&stall_limit=20"
        "&timeout=1&join_timeout=30"
    ) == {
        "namespace": "shop",
        "kubeconfig": "/k",
        "context": "c",
        "lease_ttl": 7.5,
        "stall_limit": 20.0,
        "timeout": 1.0,
        "join_timeout": 30.0,
    }


def test_the_namespace_is_that_of_the_context(kubeconfig: Kubeconfig) -> None:
    config = kubeconfig(1)
    assert KubernetesProvider(kubeconfig=config)._settings.namespace == "shops"
    other = KubernetesProvider(kubeconfig=config, context="elsewhere")
    assert other._settings.namespace == "default"
    assert KubernetesProvider("mine", kubeconfig=config)._settings.namespace == "mine"


@pytest.mark.parametrize(
    "query",
    ["x=1", "lease_ttl=5&lease_ttl=6", "lease_ttl=5s", "lease_ttl=0", "timeout=inf"],
)
def test_mistakes_are_refused_at_once(kubeconfig: Kubeconfig, query: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        KubernetesProvider.from_url(f"kubernetes://?kubeconfig={kubeconfig(1)}&{query}")


@pytest.mark.parametrize("place", ["10.0.0.1:6443", "a,b", "user:x@shop", "shop/path"])
def test_an_address_is_no_namespace(place: str) -> None:
    with pytest.raises(ValueError, match="kubeconfig"):
        parse_kubernetes_url(f"kubernetes://{place}")


def test_no_configuration_anywhere(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "none"))
    with pytest.raises(ValueError, match="set KUBECONFIG"):
        KubernetesProvider()


def test_no_such_context(kubeconfig: Kubeconfig) -> None:
    with pytest.raises(ValueError, match="nowhere"):
        KubernetesProvider(kubeconfig=kubeconfig(1), context="nowhere")


def test_the_token_is_in_no_repr(kubeconfig: Kubeconfig) -> None:
    assert "secret" not in repr(KubernetesProvider(kubeconfig=kubeconfig(1))._settings)


def test_installed_under_its_scheme(kubeconfig: Kubeconfig) -> None:
    url = f"kubernetes://?lease_ttl=8&kubeconfig={kubeconfig(1)}"
    provider = load(CLUSTER_PROVIDERS, url)
    assert isinstance(provider, KubernetesProvider)
    assert isinstance(provider, ClusterProvider)
    assert lease_ttl(provider) == 8.0


@pytest.mark.parametrize("missing", ["POD_NAME", "POD_UID"])
def test_the_pod_of_the_environment(missing: str) -> None:
    environment = {"POD_NAME": "shop-0", "POD_UID": "1-2"}
    assert Pod.of_environment(environment) == Pod("shop-0", "1-2")
    assert Pod.of_environment({**environment, missing: ""}) is None
