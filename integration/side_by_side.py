"""Which of these tests may run beside each other."""

from __future__ import annotations

from pathlib import Path

from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]

__all__ = ["SideBySide"]

GROUPS = {
    "clusters": (
        "test_cluster_chaos",
        "test_cluster_faults",
        "test_cluster_go",
        "test_remote_processes",
    ),
    "programs": (  # some of them on the ports that examples use
        "test_dashboard",
        "test_errors",
        "test_pingpong",
        "test_run",
        "test_tracing",
        "test_web",
    ),
}
"""Tests that keep several processes busy each; the others mostly wait for servers."""
GROUP_OF = {file: group for group, files in GROUPS.items() for file in files}


class SideBySide(LoadScopeScheduling):  # type: ignore[misc]
    """Of each group one test at a time; all others beside any."""

    def _split_scope(self, nodeid: str) -> str:
        return GROUP_OF.get(Path(nodeid.partition("::")[0]).stem, nodeid)
