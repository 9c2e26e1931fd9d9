"""What this member says to others and hears from them, and who stays silent."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from google.protobuf.empty_pb2 import Empty
from google.protobuf.message import Message

from protoactor import PID
from protoactor_cluster._gossip_value import pack
from protoactor_cluster._heartbeats import Heartbeats
from protoactor_cluster.events import GossipChanged
from protoactor_cluster.failure_detection import condemned
from protoactor_cluster.gossip_codec import GossipReader, decode_gossip, encode_gossip
from protoactor_cluster.gossip_entry import (
    HEARTBEAT,
    LEAVING,
    LEFT,
    READY,
    SUSPECTS,
    TOPOLOGY,
    GossipDelta,
    GossipUpdate,
    GossipValue,
)
from protoactor_cluster.gossip_state import GossipState
from protoactor_cluster.provider import Member, has_arbiter
from protoactor_cluster.topology import TopologyChange, TopologyId
from protoactor_cluster.topology_codec import (
    decode_ready,
    decode_topology_id,
    encode_topology,
    encode_topology_id,
)
from protoactor_cluster.wire import cluster_pb2, gossip_pb2, suspicion_pb2

if TYPE_CHECKING:
    from protoactor_cluster._session import Session

__all__ = ["FAN_OUT", "GOSSIP", "Gossiper"]

GOSSIP = "gossip"
"""Name of the gossip actor, as in protoactor-go."""

FAN_OUT = 3
MAX_SEND = 50
RELAY_AFTER = 7
"""Rounds in which a member tells all others itself, and they hear that it did."""
REQUEST_TIMEOUT = 0.5
LAST_WORDS = 1.0
logger = logging.getLogger("protoactor.cluster.gossip")


class Gossiper:
    """The gossip of one member: its state, and who hears of changes."""

    def __init__(self, session: Session, me: str) -> None:
        self._session = session
        self._cluster = session.cluster
        # ids are random, so every member takes another course, and a test the same
        self._random = random.Random(me)
        self._topologies = GossipReader(TOPOLOGY, decode_topology_id)
        self._ready = GossipReader(READY, decode_ready)
        self._suspects = GossipReader(SUSPECTS, _decode_suspects)
        self._members = GossipReader(TOPOLOGY, _decode_member_ids)
        self._listeners: dict[Callable[[], None], None] = {}
        self.interval = self._cluster.detection.heartbeat_interval
        self.state = GossipState(me, relay_after=RELAY_AFTER * self.interval)
        self._heartbeats = Heartbeats(session, self.state, self._topologies)
        self.heard = False
        """Whether another member has said anything, or answered."""
        self.spread: Callable[[], None] = lambda: None
        """Tells everybody what is new, soon."""

    def on_change(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call `listener` whenever what members say has changed; returns the undoing."""
        self._listeners[listener] = None
        return lambda: self._listeners.pop(listener, None)

    def say(self, key: str, value: Message | GossipValue | None = None) -> None:
        """Publish an own value, and tell others now."""
        value = pack(value or Empty()) if not isinstance(value, GossipValue) else value
        self.state.set(key, value, self._now())
        self._changed()
        self.spread()

    def topologies(self) -> Mapping[str, TopologyId]:
        """Which topology every member says it has."""
        return self._topologies.read(self.state)

    def ready(self) -> Mapping[str, TopologyId]:
        """For which topology every member says it is ready to hand over."""
        return self._ready.read(self.state)

    def topology_changed(self, change: TopologyChange) -> None:
        ids = change.current.by_id
        self.state.retain(ids, self._now())
        self._heartbeats.monitor.set_members(ids)
        self.say(TOPOLOGY, self._encode(change))

    async def tell_all(self, key: str) -> None:
        """Say this to every member and wait for their word, for a second at most."""
        self.state.set(key, pack(Empty()), self._now())
        telling = [
            asyncio.ensure_future(self.send(peer, self._own(peer)))
            for peer in self.peers()
        ]
        if telling:
            _, late = await asyncio.wait(telling, timeout=LAST_WORDS)
            for task in late:
                task.cancel()
            await asyncio.gather(*telling, return_exceptions=True)

    # -- for the actor ---------------------------------------------------------

    def beat(self) -> None:
        """What belongs to a round: a heartbeat, and a look at those of others."""
        self._cluster.statistics.gossip_rounds += 1
        now = self._now()
        self._heartbeats.beat(now)
        self.state.retain(self._session.members.topology.by_id, now)
        self._judge(now)

    def peers(self) -> list[Member]:
        """Whom to talk to: the other members, and those that come back."""
        members = self._session.members
        others = [m for m in members.topology.members if m.id != self.state.me]
        return [*others, *members.returning]

    def round(self) -> list[tuple[Member, GossipDelta]]:
        """News for up to `FAN_OUT` random peers, and for one that missed own news."""
        peers = {peer.id: peer for peer in self.peers()}
        now, rng = self._now(), self._random
        news = dict(self.state.round(peers, FAN_OUT, MAX_SEND, rng, now))
        _, lacking = self.state.told()
        if missed := [id for id in lacking if id in peers and id not in news]:
            chosen = rng.choice(missed)
            news[chosen] = self.state.delta(chosen, MAX_SEND, rng, now)
        return [(peers[id], delta) for id, delta in news.items()]

    def news_for(self, peers: set[str], count: int) -> list[tuple[Member, GossipDelta]]:
        """Own news that up to `count` of these lack; takes them out of the set."""
        news: list[tuple[Member, GossipDelta]] = []
        for peer in self.peers():
            if len(news) == count:
                break
            if peer.id in peers:
                peers.discard(peer.id)
                if delta := self._own(peer):
                    news.append((peer, delta))
        return news

    async def send(self, peer: Member, delta: GossipDelta) -> None:
        """Give one member its news; what it acknowledges is not sent again."""
        id = peer.id if self._cluster.dialect.targets_gossip else self.state.me
        request = gossip_pb2.GossipRequest(state=encode_gossip(delta), member_id=id)
        counted = self._cluster.statistics
        counted.gossip_sent += 1
        counted.gossip_sent_bytes += request.ByteSize()
        response = await self._cluster.system.request(
            PID(peer.address, GOSSIP),
            request,
            returns=gossip_pb2.GossipResponse,
            timeout=REQUEST_TIMEOUT,
        )
        self.heard = True
        if not response.rejected:
            self.state.commit(peer.id, delta)
        elif peer.id in self._session.members.topology:
            self._session.evict(f"{peer} has removed this member")

    def receive(self, request: gossip_pb2.GossipRequest) -> gossip_pb2.GossipResponse:
        """Take what a member says; one that was removed is told so."""
        if request.member_id in self._session.members.blocked:
            return gossip_pb2.GossipResponse(rejected=True)
        self.heard = True
        counted = self._cluster.statistics
        counted.gossip_received += 1
        counted.gossip_received_bytes += request.ByteSize()
        updates = self.state.merge(decode_gossip(request.state), self._now())
        for update in updates:
            self._heard(update)
        if any(update.key != HEARTBEAT for update in updates):
            self._changed()
        return gossip_pb2.GossipResponse()

    def _own(self, peer: Member) -> GossipDelta:
        return self.state.own(peer.id, self._now())

    def _encode(self, change: TopologyChange) -> cluster_pb2.ClusterTopology:
        if self._cluster.dialect.targets_gossip:
            return encode_topology(change)
        # whom a member sees matters to the other side of a split, which no arbiter ends
        split = not has_arbiter(self._cluster.provider)
        return encode_topology_id(change.current, with_ids=split)

    def _heard(self, update: GossipUpdate) -> None:
        member_id, session = update.member_id, self._session
        if update.key == HEARTBEAT:
            self._heartbeats.heard(member_id, update.value.data, self._now())
        elif update.key == LEAVING:
            session.members.exclude(member_id)
        elif update.key == LEFT:
            session.block([member_id], "it said that it leaves", peaceful=True)
        elif update.key == TOPOLOGY:
            theirs = self._topologies.read(self.state).get(member_id)
            ids = self._members.read(self.state).get(member_id, ())
            if theirs is not None:
                session.hear(member_id, theirs, ids)
        elif update.key not in (READY, SUSPECTS):
            event = GossipChanged(member_id, update.key)
            self._cluster.system.events.publish(event)

    def _judge(self, now: float) -> None:
        """Suspect silent members; remove those whom all others suspect too."""
        monitor = self._heartbeats.monitor
        before, suspects = monitor.suspects, monitor.check(now)
        if suspects != before:
            self._session.suspect(suspects)
            value = suspicion_pb2.Suspects(member_ids=sorted(suspects))
            self.say(SUSPECTS, value)
        if not suspects:
            return
        votes = self._suspects.read(self.state)
        dead = condemned(self._session.members.topology.by_id, suspects, votes)
        if dead:
            self._session.block(dead, "all other members miss its heartbeats")

    def _changed(self) -> None:
        for listener in tuple(self._listeners):
            listener()

    def _now(self) -> float:
        return self._cluster.system.loop.time()


def _decode_suspects(data: bytes) -> frozenset[str]:
    return frozenset(suspicion_pb2.Suspects.FromString(data).member_ids)


def _decode_member_ids(data: bytes) -> tuple[str, ...]:
    topology = cluster_pb2.ClusterTopology.FromString(data)
    return tuple(member.id for member in topology.members)
