"""What a host sends to a member that pulls: chunk after chunk, with pauses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from protoactor import PID, Context
from protoactor_cluster import telemetry
from protoactor_cluster._spans import end
from protoactor_cluster.handover import HandoverChunk, Pull, encode_chunk

if TYPE_CHECKING:
    from protoactor_cluster.cluster import Cluster

__all__ = ["HandoverAnswer"]


class HandoverAnswer:
    """One answer under way; between long searches other messages get their turn."""

    def __init__(
        self,
        cluster: Cluster,
        requester: PID,
        headers: Mapping[str, str],
        pull: Pull,
        chunks: Iterator[HandoverChunk | None],
    ) -> None:
        self._cluster = cluster
        self._requester = requester
        self._pull = pull
        self._chunks = chunks
        self._span = cluster.spans.start(
            telemetry.HANDOVER_SERVE,
            headers=headers,
            attributes={
                telemetry.MEMBER: cluster.member_id,
                telemetry.TOPOLOGY_HASH: f"{pull.topology.hash:016x}",
            },
        )

    def send_chunks(self, context: Context) -> None:
        """Send until the next pause, then ask for another turn."""
        for chunk in self._chunks:
            if chunk is None:
                context.send(context.self, self)
                return
            self._send(context, chunk)

    def _send(self, context: Context, chunk: HandoverChunk) -> None:
        message = encode_chunk(
            chunk,
            self._pull.topology.id,
            self._cluster.member_id,
            self._cluster.member_address,
        )
        context.send(self._requester, message)
        if chunk.final:
            counts = {
                telemetry.ACTIVATIONS: chunk.sent,
                telemetry.SKIPPED: chunk.skipped,
            }
            end(self._span, attributes=counts)
