"""What a host sends to a member that pulls: chunk after chunk, a turn for each."""

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
    """One answer under way; between its chunks other messages get their turn.

    `version` is that of the newest topology when it began: a newer one ends it.
    """

    def __init__(
        self,
        cluster: Cluster,
        requester: PID,
        headers: Mapping[str, str],
        pull: Pull,
        chunks: Iterator[HandoverChunk | None],
        version: int,
    ) -> None:
        self._cluster = cluster
        self._requester = requester
        self._pull = pull
        self._chunks = chunks
        self._version = version
        self.over = False
        """Whether all was said, or nobody wants to hear the rest."""
        self._span = cluster.spans.start(
            telemetry.HANDOVER_SERVE,
            headers=headers,
            attributes={
                telemetry.MEMBER: cluster.member_id,
                telemetry.TOPOLOGY_HASH: f"{pull.topology.hash:016x}",
            },
        )

    def send_chunks(self, context: Context) -> None:
        """Send the next chunk, or search a while, then ask for another turn."""
        self.supersede(self._cluster.topology.version)
        if self.over:
            return
        chunk = next(self._chunks)
        if chunk is not None:
            self._send(context, chunk)
        if not self.over:
            context.send(context.self, self)

    def supersede(self, version: int) -> None:
        """There is a topology of this version: say no more if it is a newer one."""
        if version > self._version:
            self.stop()

    def stop(self) -> None:
        """The requester has no use for the rest."""
        if not self.over:
            self.over = True
            end(self._span, attributes={telemetry.OUTCOME: "superseded"})

    def _send(self, context: Context, chunk: HandoverChunk) -> None:
        message = encode_chunk(
            chunk,
            self._pull.topology.id,
            self._cluster.member_id,
            self._cluster.member_address,
        )
        context.send(self._requester, message)
        if chunk.final:
            self.over = True
            counts = {
                telemetry.ACTIVATIONS: chunk.sent,
                telemetry.SKIPPED: chunk.skipped,
            }
            end(self._span, attributes=counts)
