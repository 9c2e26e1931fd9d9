"""Test actors: probes, virtual time, clusters in one process, fixtures for pytest.

Which way imports point, lowest first: _probe, _virtual_time, _member_process,
members, pytest_plugin. What is about clusters needs `protoactor-testkit[cluster]`.
"""

from typing import TYPE_CHECKING, Any

from protoactor_testkit._probe import Probe
from protoactor_testkit._virtual_time import VirtualTimeLoop, WouldWaitForEver

if TYPE_CHECKING:
    from protoactor_testkit.members import Members

__all__ = ["Members", "Probe", "VirtualTimeLoop", "WouldWaitForEver"]


def __getattr__(name: str) -> Any:
    if name == "Members":  # not at once: those who test actors need no cluster
        from protoactor_testkit.members import Members

        return Members
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
