"""Contracts: one suite of tests for everything that plugs into one seam."""

import pytest

pytest.register_assert_rewrite(
    *(
        f"{__name__}.{module}"
        for module in (
            "cluster_provider",
            "describing",
            "dying",
            "first_contact",
            "joining",
            "outages",
        )
    )
)

from protoactor_testkit.contracts.cluster_provider import ClusterProviderContract
from protoactor_testkit.contracts.first_contact import Connect, FirstContactContract
from protoactor_testkit.contracts.harness import ProviderHarness, Records, RunningMember
from protoactor_testkit.contracts.member_process import MemberProcess
from protoactor_testkit.contracts.memory_harness import MemoryHarness
from protoactor_testkit.contracts.view_log import ViewLog

__all__ = [
    "ClusterProviderContract",
    "Connect",
    "FirstContactContract",
    "MemberProcess",
    "MemoryHarness",
    "ProviderHarness",
    "Records",
    "RunningMember",
    "ViewLog",
]
