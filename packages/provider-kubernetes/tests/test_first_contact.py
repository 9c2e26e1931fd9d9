"""A Kubernetes that cannot be used."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from protoactor_cluster.provider import Member
from protoactor_provider_kubernetes import KubernetesProvider
from protoactor_testkit.contracts import Connect, FirstContactContract


class TestFirstContact(FirstContactContract):
    has_endpoints = False

    @pytest.fixture
    def connect(self, kubeconfig: Callable[[int], Path]) -> Connect:
        def connect(ports: Sequence[int], join_timeout: float) -> KubernetesProvider:
            config = kubeconfig(ports[0])
            return KubernetesProvider(
                kubeconfig=config, lease_ttl=3, join_timeout=join_timeout
            )

        return connect


async def test_a_member_that_cannot_be_stored(
    kubeconfig: Callable[[int], Path],
) -> None:
    with pytest.raises(ValueError, match="id"):
        KubernetesProvider(kubeconfig=kubeconfig(1)).join("shop", Member("", "h", 1))
