"""Rounds of gossip: regular ones, and at once when there is news."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from protoactor import Actor, ActorError, Context
from protoactor_cluster._gossiper import FAN_OUT, GOSSIP, Gossiper
from protoactor_cluster._infrastructure import infrastructure
from protoactor_cluster.gossip_entry import GossipDelta
from protoactor_cluster.provider import Member
from protoactor_cluster.wire import gossip_pb2

if TYPE_CHECKING:
    from protoactor import ActorSystem

__all__ = ["GossipActor", "gossiping"]


class Beat:
    """Time for a round with a heartbeat."""


class News:
    """Something was said: everybody shall know now, not at the next beat."""


class GossipActor(Actor):
    """Answers other members' gossip and sends this one's."""

    def __init__(self, gossiper: Gossiper) -> None:
        self._gossiper = gossiper
        self._behind: set[str] = set()
        self._under_way: set[str] = set()

    def receive(self, context: Context) -> None:
        message: Any = context.message
        match message:
            case gossip_pb2.GossipRequest():
                context.respond(self._gossiper.receive(message))
            case Beat():
                self._gossiper.beat()
                for peer, delta in self._gossiper.round():
                    self._send(context, peer, delta)
            case News():
                self._behind = {peer.id for peer in self._gossiper.peers()}
                self._spread(context)
            case _:
                pass

    def _spread(self, context: Context) -> None:
        """Go on with those who have not been told, a few at a time."""
        free = FAN_OUT - len(self._under_way)
        ready = self._behind - self._under_way
        self._behind &= self._under_way
        for peer, delta in self._gossiper.news_for(ready, free):
            self._send(context, peer, delta)
        self._behind |= ready

    def _send(self, context: Context, peer: Member, delta: GossipDelta) -> None:
        if peer.id in self._under_way:
            return
        self._under_way.add(peer.id)

        def answered(done: asyncio.Future[None]) -> None:
            self._under_way.discard(peer.id)
            error = done.exception()
            if error is not None and not isinstance(error, ActorError):
                raise error
            self._spread(context)

        context.reenter_after(self._gossiper.send(peer, delta), answered)


@asynccontextmanager
async def gossiping(
    gossiper: Gossiper, system: ActorSystem
) -> AsyncGenerator[None, None]:
    """Gossip while inside."""
    pid = system.spawn_named(infrastructure(lambda: GossipActor(gossiper)), GOSSIP)
    interval = gossiper.interval
    beat = system.scheduler.send_repeatedly(interval, interval, pid, Beat())
    gossiper.spread = lambda: system.send(pid, News())
    try:
        yield
    finally:
        gossiper.spread = lambda: None
        beat.cancel()
        await system.stop(pid)
