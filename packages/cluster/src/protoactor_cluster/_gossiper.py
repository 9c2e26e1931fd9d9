"""Exchanges gossip with other members, and sees who stays silent."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from google.protobuf.message import Message

from protoactor import PID, Actor, ActorError, Context
from protoactor_cluster._infrastructure import infrastructure
from protoactor_cluster.failure_detection import (
    FailureDetection,
    HeartbeatMonitor,
    condemned,
)
from protoactor_cluster.gossip_codec import GossipReader, decode_gossip, encode_gossip
from protoactor_cluster.gossip_state import (
    HEARTBEAT,
    LEFT,
    READY,
    SUSPECTS,
    TOPOLOGY,
    GossipDelta,
    GossipState,
    GossipUpdate,
    GossipValue,
)
from protoactor_cluster.topology import TopologyChange, TopologyId
from protoactor_cluster.topology_codec import (
    decode_ready,
    decode_topology_id,
    encode_topology,
)
from protoactor_cluster.wire import cluster_pb2, gossip_pb2, suspicion_pb2

if TYPE_CHECKING:
    from protoactor_cluster.cluster import Cluster

__all__ = ["GOSSIP", "Gossiper"]

GOSSIP = "gossip"
"""Name of the gossip actor, as in protoactor-go."""

FAN_OUT = 3
MAX_SEND = 50
REQUEST_TIMEOUT = 0.5
T = TypeVar("T")
logger = logging.getLogger("protoactor.cluster.gossip")


@dataclass(frozen=True, slots=True)
class Beat:
    """Time for a round with a heartbeat."""


@dataclass(frozen=True, slots=True)
class News:
    """Something was set: a round now, not at the next beat."""


class Gossiper:
    """This member's gossip: its state, its rounds, and who listens to changes."""

    def __init__(self, cluster: Cluster, detection: FailureDetection) -> None:
        self._cluster = cluster
        self._detection = detection
        self._random = random.Random()
        self._monitor = HeartbeatMonitor(cluster.member_id, detection)
        self._topologies = GossipReader(TOPOLOGY, decode_topology_id)
        self._ready = GossipReader(READY, decode_ready)
        self._suspects = GossipReader(SUSPECTS, _decode_suspects)
        self._listeners: list[Callable[[], None]] = []
        self._pid: PID | None = None
        self.state = GossipState(cluster.member_id)

    @asynccontextmanager
    async def run(self) -> AsyncGenerator[None, None]:
        """Gossip while inside; the last thing said is that this member has left."""
        system = self._cluster.system
        interval = self._detection.heartbeat_interval
        pid = system.spawn_named(infrastructure(lambda: GossipActor(self)), GOSSIP)
        beat = system.scheduler.send_repeatedly(interval, interval, pid, Beat())
        self._pid = pid
        try:
            yield
        finally:
            beat.cancel()
            await system.stop(pid)
            self._pid = None

    def on_change(self, listener: Callable[[], None]) -> None:
        """Call `listener` whenever what members say has changed."""
        self._listeners.append(listener)

    def set(self, key: str, value: Message) -> None:
        """Publish an own value, and tell others now."""
        self.state.set(key, _pack(value), self._now())
        self._changed()
        if self._pid is not None:
            self._cluster.system.send(self._pid, News())

    def topologies(self) -> Mapping[str, TopologyId]:
        """Which topology every member says it has."""
        return self._topologies.read(self.state)

    def ready(self) -> Mapping[str, TopologyId]:
        """For which topology every member says it is ready to hand over."""
        return self._ready.read(self.state)

    def topology_changed(self, change: TopologyChange) -> None:
        ids = change.current.by_id
        self.state.retain(ids, self._now())
        self._monitor.set_members(ids)
        self.set(TOPOLOGY, encode_topology(change))

    async def say_left(self) -> None:
        """Tell up to `FAN_OUT` members that this one leaves, and wait for their word."""
        self.state.set(LEFT, _pack(cluster_pb2.MemberHeartbeat()), self._now())
        news = self.state.round(self._peers(), FAN_OUT, MAX_SEND, self._random)
        requests = [self.send(peer, delta) for peer, delta in news]
        await asyncio.gather(*requests, return_exceptions=True)

    # -- for the actor ---------------------------------------------------------

    def beat(self) -> None:
        """What belongs to a round: a heartbeat, and a look at those of others."""
        statistics = cluster_pb2.ActorStatistics(
            actor_count=self._cluster.activations_by_kind()
        )
        heartbeat = cluster_pb2.MemberHeartbeat(actor_statistics=statistics)
        now = self._now()
        self.state.set(HEARTBEAT, _pack(heartbeat), now)
        self.state.retain(self._cluster.topology.by_id, now)
        self._judge(now)

    def round(self) -> list[tuple[str, GossipDelta]]:
        return self.state.round(self._peers(), FAN_OUT, MAX_SEND, self._random)

    async def send(self, peer: str, delta: GossipDelta) -> None:
        """Give one member its news; what it acknowledges is not sent again."""
        member = self._cluster.topology.by_id.get(peer)
        if member is None:
            return
        request = gossip_pb2.GossipRequest(
            state=encode_gossip(delta), member_id=self._cluster.member_id
        )
        response = await self._cluster.system.request(
            PID(member.address, GOSSIP),
            request,
            returns=gossip_pb2.GossipResponse,
            timeout=REQUEST_TIMEOUT,
        )
        if not response.rejected:
            self.state.commit(peer, delta)

    def receive(self, request: gossip_pb2.GossipRequest) -> gossip_pb2.GossipResponse:
        """Take what a member says; members that are unknown here are rejected."""
        if request.member_id in self._cluster.members.blocked:
            return gossip_pb2.GossipResponse(rejected=True)
        updates = self.state.merge(decode_gossip(request.state), self._now())
        for update in updates:
            self._heard(update)
        if any(update.key != HEARTBEAT for update in updates):
            self._changed()
        return gossip_pb2.GossipResponse()

    def _heard(self, update: GossipUpdate) -> None:
        match update.key:
            case "heathbeat":
                self._monitor.heard(update.member_id, self._now())
            case "left":
                self._cluster.block([update.member_id], "it said that it leaves")
            case "topology":
                theirs = self._topologies.read(self.state).get(update.member_id)
                if theirs is not None:
                    self._cluster.hear(update.member_id, theirs)
            case _:
                pass

    def _judge(self, now: float) -> None:
        """Suspect silent members; remove those whom all others suspect too."""
        before = self._monitor.suspects
        suspects = self._monitor.check(now)
        if suspects != before:
            self._cluster.suspect(suspects)
            value = suspicion_pb2.Suspects(member_ids=sorted(suspects))
            self.set(SUSPECTS, value)
        if not suspects:
            return
        votes = self._suspects.read(self.state)
        dead = condemned(self._cluster.topology.by_id, suspects, votes)
        if dead:
            self._cluster.block(dead, "all other members miss its heartbeats")

    def _changed(self) -> None:
        for listener in self._listeners:
            listener()

    def _peers(self) -> list[str]:
        return [id for id in self._cluster.topology.by_id if id != self.state.me]

    def _now(self) -> float:
        return self._cluster.system.loop.time()


class GossipActor(Actor):
    """Answers other members' gossip and sends this one's."""

    def __init__(self, gossiper: Gossiper) -> None:
        self._gossiper = gossiper
        self._under_way: set[str] = set()

    def receive(self, context: Context) -> None:
        message: Any = context.message
        match message:
            case gossip_pb2.GossipRequest():
                context.respond(self._gossiper.receive(message))
            case Beat():
                self._gossiper.beat()
                self._send_round(context)
            case News():
                self._send_round(context)
            case _:
                pass

    def _send_round(self, context: Context) -> None:
        for peer, delta in self._gossiper.round():
            if peer not in self._under_way:
                self._under_way.add(peer)
                self._send(context, peer, delta)

    def _send(self, context: Context, peer: str, delta: GossipDelta) -> None:
        def answered(done: asyncio.Future[None]) -> None:
            self._under_way.discard(peer)
            error = done.exception()
            if error is not None and not isinstance(error, ActorError):
                raise error

        context.reenter_after(self._gossiper.send(peer, delta), answered)


def _pack(value: Message) -> GossipValue:
    type_url = f"type.googleapis.com/{value.DESCRIPTOR.full_name}"
    return GossipValue(type_url, value.SerializeToString())


def _decode_suspects(data: bytes) -> frozenset[str]:
    return frozenset(suspicion_pb2.Suspects.FromString(data).member_ids)
