"""The host's answers to the members that pull."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protoactor import Context
from protoactor_cluster._handover_answer import HandoverAnswer
from protoactor_cluster.handover import Placement, Pull

if TYPE_CHECKING:
    from protoactor_cluster.cluster import Cluster

__all__ = ["HandoverAnswers"]


class HandoverAnswers:
    """At most one for each requester, and none that a newer topology has overtaken."""

    def __init__(self, cluster: Cluster, live: Placement) -> None:
        self._cluster = cluster
        self._live = live
        self._under_way: dict[str, HandoverAnswer] = {}

    def begin(self, context: Context, pull: Pull) -> None:
        """Answer, instead of whatever this requester, or an older topology, asked."""
        assert context.sender is not None
        chunks = self._live.answer(pull)
        newest = max(self._live.newest.version, self._cluster.topology.version)
        self._stop_others(pull)
        answer = HandoverAnswer(
            self._cluster, context.sender, context.headers, pull, chunks, newest
        )
        self._under_way[pull.requester_id] = answer
        answer.send_chunks(context)

    def _stop_others(self, pull: Pull) -> None:
        earlier = self._under_way.pop(pull.requester_id, None)
        if earlier is not None:
            earlier.stop()
        for requester_id, answer in list(self._under_way.items()):
            answer.supersede(pull.topology.version)
            if answer.over:
                del self._under_way[requester_id]
