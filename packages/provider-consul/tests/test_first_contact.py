"""A Consul that cannot be used."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from protoactor_cluster.provider import Member
from protoactor_provider_consul import ConsulProvider
from protoactor_testkit.contracts import Connect, FirstContactContract


class TestFirstContact(FirstContactContract):
    has_endpoints = False

    @pytest.fixture
    def connect(self) -> Connect:
        return connect


def connect(ports: Sequence[int], join_timeout: float) -> ConsulProvider:
    return ConsulProvider(f"127.0.0.1:{ports[0]}", ttl=3, join_timeout=join_timeout)


async def test_a_member_that_cannot_be_stored() -> None:
    with pytest.raises(ValueError, match="id"):
        ConsulProvider().join("shop", Member("a/b", "h", 1))
