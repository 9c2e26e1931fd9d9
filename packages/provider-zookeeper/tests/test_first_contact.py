"""A ZooKeeper that cannot be used."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from protoactor_cluster.provider import Member
from protoactor_provider_zookeeper import ZooKeeperProvider
from protoactor_testkit.contracts import Connect, FirstContactContract


class TestFirstContact(FirstContactContract):
    @pytest.fixture
    def connect(self) -> Connect:
        return connect


def connect(ports: Sequence[int], join_timeout: float) -> ZooKeeperProvider:
    endpoints = [f"127.0.0.1:{port}" for port in ports]
    return ZooKeeperProvider(endpoints, session_timeout=3, join_timeout=join_timeout)


async def test_a_member_that_cannot_be_stored() -> None:
    with pytest.raises(ValueError, match="id"):
        ZooKeeperProvider().join("shop", Member("", "h", 1))
