"""The Kubernetes provider against a real API server: what the contract leaves open."""

from __future__ import annotations

import importlib
import secrets
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from kubernetes_server import KubernetesServer
from lightkube import ApiError, Client, KubeConfig
from lightkube.resources.coordination_v1 import Lease
from members import SLACK, joined, looking_on, new_member

from protoactor_cluster.errors import JoinTimeout
from protoactor_provider_kubernetes import KubernetesProvider, KubernetesRefused, Pod
from protoactor_provider_kubernetes import _lease as leases
from protoactor_testkit.contracts.joined import eventually

pytestmark = pytest.mark.built

TTL = 2.0
WITHIN = TTL + SLACK
MANIFESTS = Path(__file__).parents[1] / "examples" / "kubernetes"


lightkube_codecs: Any = importlib.import_module("lightkube.codecs")  # untyped


def new_provider(kubernetes: KubernetesServer, **options: Any) -> KubernetesProvider:
    options.setdefault("kubeconfig", kubernetes.kubeconfig())
    return KubernetesProvider(lease_ttl=TTL, **options)


@pytest.fixture
def client(kubernetes: KubernetesServer) -> Iterator[Any]:
    with Client(KubeConfig.from_file(kubernetes.kubeconfig())) as client:
        yield client


@pytest.fixture
def cluster() -> str:
    """A name that no other test has."""
    return f"shop-{secrets.token_hex(4)}"


def holders(client: Any, cluster: str) -> set[str]:
    """Whom the Leases of a cluster are for."""
    labels: Any = {"cluster.proto.actor/cluster": cluster}
    return {str(it.spec.holderIdentity) for it in client.list(Lease, labels=labels)}


def lease_of(client: Any, cluster: str) -> Any:
    """The only Lease of a cluster."""
    labels: Any = {"cluster.proto.actor/cluster": cluster}
    (found,) = client.list(Lease, labels=labels)
    return found


async def test_what_people_see(
    kubernetes: KubernetesServer, client: Any, cluster: str
) -> None:
    pod = client.create(
        lightkube_codecs.from_dict(
            {
                "apiVersion": "v1",
                "kind": "Pod",
                "metadata": {"name": f"{cluster}-0"},
                "spec": {"containers": [{"name": "shop", "image": "shop"}]},
            }
        )
    )
    owner = Pod(str(pod.metadata.name), str(pod.metadata.uid))
    provider = new_provider(kubernetes, pod=owner)
    async with joined(provider, cluster) as a:
        lease = lease_of(client, cluster)
        assert lease.spec.holderIdentity == a.member.id
        assert lease.spec.leaseDurationSeconds == 2
        assert lease.metadata.ownerReferences == [owner.reference]


@pytest.mark.parametrize("token", ["of-nobody", "of-a-stranger"])
async def test_who_may_not_is_told_so(
    kubernetes: KubernetesServer, cluster: str, token: str
) -> None:
    provider = new_provider(kubernetes, kubeconfig=kubernetes.kubeconfig(token=token))
    with pytest.raises(KubernetesRefused, match="service account needs"):
        async with provider.join(cluster, new_member()):
            pytest.fail("joined")
    with pytest.raises(KubernetesRefused, match="service account needs"):
        await anext(provider.watch(cluster))


async def test_no_such_namespace(kubernetes: KubernetesServer, cluster: str) -> None:
    provider = new_provider(kubernetes, namespace="no-such-namespace")
    with pytest.raises(KubernetesRefused, match="no-such-namespace"):
        async with provider.join(cluster, new_member()):
            pytest.fail("joined")


async def test_a_certificate_that_nobody_knows(
    kubernetes: KubernetesServer, cluster: str, tmp_path: Path
) -> None:
    config = kubernetes.kubeconfig().read_text()
    stranger = tmp_path / "config"
    lines = [line.split(", certificate-authority")[0] for line in config.splitlines()]
    text = [line + "}" if "server:" in line else line for line in lines]
    stranger.write_text("\n".join(text))
    provider = new_provider(kubernetes, kubeconfig=stranger, join_timeout=2.0)
    with pytest.raises(JoinTimeout, match=r"(?i)certificate"):
        async with provider.join(cluster, new_member()):
            pytest.fail("joined")


@pytest.mark.parametrize("record", ["garbage", "x" * 200_000])
async def test_garbage_among_the_leases_is_skipped(
    kubernetes: KubernetesServer, client: Any, cluster: str, record: str
) -> None:
    async with joined(new_provider(kubernetes), cluster) as a:
        await a.views.until(a.member)
        garbage: Any = leases.mark(cluster, "garbage", TTL)
        garbage.metadata.annotations[leases.MEMBER] = record
        client.create(garbage)
        async with joined(new_provider(kubernetes), cluster) as b:
            await a.views.until(a.member, b.member)
            await b.views.until(a.member, b.member)


async def test_ten_megabytes_do_not_get_in(client: Any, cluster: str) -> None:
    """The API server itself keeps what would be too large for a member away."""
    huge: Any = leases.mark(cluster, "huge", TTL)
    huge.metadata.annotations[leases.MEMBER] = "x" * 10_000_000
    with pytest.raises(ApiError):
        client.create(huge)


async def test_a_lease_left_under_the_same_id_is_taken_over(
    kubernetes: KubernetesServer, client: Any, cluster: str
) -> None:
    member = new_member()
    client.create(leases.new(cluster, member, TTL, None))
    async with joined(new_provider(kubernetes), cluster, member) as a:
        await a.views.until(member)
        await a.views.quiet(2 * TTL)


async def test_a_deleted_lease_is_an_eviction(
    kubernetes: KubernetesServer, client: Any, cluster: str
) -> None:
    async with looking_on(new_provider(kubernetes), cluster) as views:
        async with joined(new_provider(kubernetes), cluster) as a:
            await views.until(a.member)
            metadata = lease_of(client, cluster).metadata
            client.delete(Lease, str(metadata.name))
            await a.views.until_lost(within=WITHIN)
        await views.until()


async def test_old_marks_are_swept_away(
    kubernetes: KubernetesServer, client: Any, cluster: str
) -> None:
    """A mark of today stays, also if its member's clock was wrong."""
    ages = {"old": timedelta(days=2), "new": timedelta(hours=2)}
    for name, age in ages.items():
        mark: Any = leases.evict(leases.mark(cluster, name, TTL))
        mark.spec.renewTime -= age
        client.create(mark)
    stranger: Any = leases.mark(cluster, "stranger", TTL)
    stranger.spec.renewTime -= timedelta(days=2)
    client.create(stranger)
    async with joined(new_provider(kubernetes), cluster) as a:
        async with joined(new_provider(kubernetes), cluster) as b:
            await a.views.until(a.member, b.member)
        await a.views.until(a.member)
        expected = {"new", "stranger", a.member.id, b.member.id}
        await eventually(
            lambda: holders(client, cluster) == expected,
            lambda: f"there are {holders(client, cluster)}",
            WITHIN,
        )


async def test_a_label_of_somebody_else_costs_nothing(
    kubernetes: KubernetesServer, client: Any, cluster: str
) -> None:
    async with joined(new_provider(kubernetes), cluster) as a:
        await a.views.until(a.member)
        metadata = lease_of(client, cluster).metadata
        patch = {"metadata": {"labels": {"team": "shops"}}}
        client.patch(Lease, str(metadata.name), patch)
        await a.views.quiet(2 * TTL)


async def test_the_manifests_are_valid_and_their_role_is_enough(
    kubernetes: KubernetesServer, client: Any
) -> None:
    for path in sorted(MANIFESTS.glob("*.yaml")):
        for manifest in lightkube_codecs.load_all_yaml(path.read_text()):
            client.create(manifest)
    for verb in ("get", "list", "watch", "create", "update", "delete"):
        review = lightkube_codecs.from_dict(
            {
                "apiVersion": "authorization.k8s.io/v1",
                "kind": "SubjectAccessReview",
                "metadata": {},
                "spec": {
                    "user": "system:serviceaccount:default:shop",
                    "resourceAttributes": {
                        "namespace": "default",
                        "group": "coordination.k8s.io",
                        "resource": "leases",
                        "verb": verb,
                    },
                },
            }
        )
        answer = client.create(review)
        assert answer.status.allowed, verb
