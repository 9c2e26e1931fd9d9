"""Test actors: probes, virtual time, and fixtures for pytest.

Which way imports point, lowest first: _probe, _virtual_time, pytest_plugin.
"""

from protoactor_testkit._probe import Probe
from protoactor_testkit._virtual_time import VirtualTimeLoop, WouldWaitForEver

__all__ = ["Probe", "VirtualTimeLoop", "WouldWaitForEver"]
