"""Signs of life: this member's, with what it has told whom, and those of others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from google.protobuf.message import DecodeError

from protoactor_cluster._gossip_value import pack
from protoactor_cluster.failure_detection import HeartbeatMonitor
from protoactor_cluster.gossip_codec import GossipReader
from protoactor_cluster.gossip_entry import HEARTBEAT
from protoactor_cluster.gossip_state import GossipState
from protoactor_cluster.topology import TopologyId
from protoactor_cluster.wire import cluster_pb2

if TYPE_CHECKING:
    from protoactor_cluster._session import Session

__all__ = ["Heartbeats"]

MOST_LACKING = 8
"""Where more members lack what was said, everybody helps to tell them."""


class Heartbeats:
    """Says and hears them; `monitor` knows who is silent."""

    def __init__(
        self, session: Session, state: GossipState, topologies: GossipReader[TopologyId]
    ) -> None:
        self._session = session
        self._cluster = session.cluster
        self._state = state
        self._topologies = topologies
        self.monitor = HeartbeatMonitor(state.me, self._cluster.detection)

    def beat(self, now: float) -> None:
        """Publish the next heartbeat, with what the others have acknowledged."""
        told, lacking = self._state.told()
        # protoactor-go's members do not tell everybody themselves, nor do we there
        claims = len(lacking) <= MOST_LACKING and not self._is_go
        counts = self._cluster.activations_by_kind()
        heartbeat = cluster_pb2.MemberHeartbeat(
            actor_statistics=cluster_pb2.ActorStatistics(actor_count=counts),
            told=told if claims else 0,
            lacking=lacking if claims else (),
        )
        self._state.set(HEARTBEAT, pack(heartbeat), now)

    def heard(self, member_id: str, data: bytes, now: float) -> None:
        """A member lives, and may say whom it has told what."""
        self.monitor.heard(member_id, now)
        topology = self._session.members.topology
        theirs = self._topologies.read_one(self._state, member_id)
        if theirs is None or theirs.hash != topology.hash:
            return
        try:
            heartbeat = cluster_pb2.MemberHeartbeat.FromString(data)
        except DecodeError:
            return
        if heartbeat.told:
            having = topology.by_id.keys() - set(heartbeat.lacking)
            self._state.believe(member_id, heartbeat.told, frozenset(having))

    @property
    def _is_go(self) -> bool:
        return self._cluster.dialect.targets_gossip
