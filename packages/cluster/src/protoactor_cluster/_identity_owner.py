"""The member's part as owner: where do the identities that it owns live?

A shell around the state machines of `handover`: messages in, their effects out.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from opentelemetry.trace import SpanContext

from protoactor import PID, Actor, Context, DeadLetterResponse, Stopping
from protoactor_cluster import handover as machine
from protoactor_cluster._endings import Ended, Endings
from protoactor_cluster._handover_effects import HandoverEffects
from protoactor_cluster._handover_spans import HandoverSpans
from protoactor_cluster._inquiries import IDENTITY_OWNER, Inquiries
from protoactor_cluster._placing import Placing
from protoactor_cluster._questions import Question
from protoactor_cluster._refusal import Refusal
from protoactor_cluster._spans import parse
from protoactor_cluster._wire import identity_from_wire, pid_from_wire
from protoactor_cluster.consensus import agreed
from protoactor_cluster.identity import InvalidIdentity
from protoactor_cluster.topology import TopologyChange
from protoactor_cluster.wire import cluster_pb2

if TYPE_CHECKING:
    from protoactor_cluster.cluster import Cluster

__all__ = ["IDENTITY_OWNER", "GossipHeard", "IdentityOwner"]

logger = logging.getLogger("protoactor.cluster.owner")


class GossipHeard:
    """What members say has changed: the barrier may be reached."""


class TimeToLook:
    """The hand-over's deadline has come."""


class TimeToResume:
    """Others have had their turn: the hand-over goes on with what takes long."""


class IdentityOwner(Actor):
    """Answers where an identity lives, and has it placed where it lives nowhere."""

    def __init__(
        self, cluster: Cluster, timeouts: machine.HandoverTimeouts, *, delta: bool
    ) -> None:
        self.table = machine.OwnerTable()
        self.spawns = machine.Spawns()
        self.handover = machine.Handover(
            cluster.member_id, self.table, self.spawns, timeouts, delta=delta
        )
        self.endings = Endings()
        self._cluster = cluster
        self._timer: asyncio.TimerHandle | None = None
        self._spans = HandoverSpans(cluster)
        self._placing = Placing(cluster, self)
        self._inquiries = Inquiries(cluster, self, self._placing, self._spans)
        self._effects = HandoverEffects(cluster, self._spans)

    @property
    def is_settled(self) -> bool:
        """Whether every member has told what it hosts that this one owns."""
        return self.handover.complete

    @property
    def trace(self) -> SpanContext | None:
        """Of the hand-over under way, or of the last one."""
        return self._spans.trace

    def receive(self, context: Context) -> None:
        message: Any = context.message
        match message:
            case cluster_pb2.ActivationRequest():
                self._inquiries.asked(context, message)
            case cluster_pb2.ActivationTerminated():
                self._ended(context, message)
            case cluster_pb2.RemoteIdentityHandover():
                self._chunk(context, message)
            case TopologyChange():
                self._topology_changed(context, message)
            case GossipHeard():
                self._look_at_barrier(context)
            case TimeToLook():
                self.feed(context, machine.TimePassed(self._now()))
            case TimeToResume():
                self.feed(context, machine.Resume(self._now()))
            case DeadLetterResponse(target):
                self._unreachable(context, target)
            case Stopping():
                self._stop(context)
            case _:
                pass

    # -- for those who place identities --------------------------------------

    def decide(self, context: Context, question: Question) -> None:
        self._inquiries.decide(context, question)

    def answer(
        self,
        context: Context,
        question: Question,
        answer: cluster_pb2.ActivationResponse,
    ) -> None:
        self._inquiries.answer(context, question, answer)

    def refuse(self, context: Context, question: Question, refusal: Refusal) -> None:
        self._inquiries.refuse(context, question, refusal)

    # -- hand-over -------------------------------------------------------------

    def feed(self, context: Context, event: machine.Event) -> None:
        """Let the hand-over react, and do what it asks for."""
        for effect in self.handover.handle(event):
            self._carry_out(context, effect)
        self._set_timer(context)

    def _topology_changed(self, context: Context, change: TopologyChange) -> None:
        if change.current.id != change.previous.id:
            self._begin(change, context.headers)
        self.feed(context, machine.TopologyChanged(change.current, self._now()))
        if self._cluster.member_id not in self.handover.topology:
            self._inquiries.reconsider_all(context)  # passes them on
        self._look_at_barrier(context)

    def _begin(self, change: TopologyChange, headers: Mapping[str, str]) -> None:
        """A hand-over begins: its trace, and what becomes of lost activations."""
        self._spans.begin(change.current, headers)
        self._inquiries.wait_for_trace()
        for member in change.left:
            lost = self.table.hosted_by(member.id)
            for identity in itertools.islice(lost, self.endings.capacity):
                self.endings.note(identity, Ended("host left", self._spans.trace))

    def _look_at_barrier(self, context: Context) -> None:
        gossiper = self._cluster.gossiper
        if gossiper is None or not self.handover.waiting:
            return
        members = self.handover.topology.by_id
        reached = agreed(members, gossiper.topologies(), gossiper.ready())
        if reached is not None:
            self.feed(context, machine.BarrierReached(reached, self._now()))

    def _chunk(
        self, context: Context, message: cluster_pb2.RemoteIdentityHandover
    ) -> None:
        try:
            member_id, topology_id, chunk = machine.decode_chunk(message)
        except ValueError as error:
            logger.warning("a hand-over chunk was ignored: %s", error)
            return
        self._spans.received(member_id, chunk)
        event = machine.ChunkReceived(member_id, topology_id, chunk, self._now())
        self.feed(context, event)

    def _unreachable(self, context: Context, target: PID | None) -> None:
        member = self._cluster.member_at(target.address) if target else None
        if member is not None:
            self.feed(context, machine.PeerGone(member.id, self._now()))

    def _carry_out(self, context: Context, effect: machine.Effect) -> None:
        match effect:
            case machine.AbandonSpawns(identities):
                for identity in identities:
                    self._placing.abandon(context, identity)
            case machine.Check(identity, member, number):
                self._placing.check(context, identity, member, number)
            case machine.AcceptActivations(activations):
                self._cluster.statistics.moved += len(activations)
                self._inquiries.reconsider(context, activations)
            case machine.Defer():
                context.send(context.self, TimeToResume())
            case machine.Release():
                self._inquiries.reconsider_all(context)
            case _:
                self._effects.carry_out(context, effect, self._inquiries.waiting)

    def _ended(
        self, context: Context, message: cluster_pb2.ActivationTerminated
    ) -> None:
        try:
            identity = identity_from_wire(message.cluster_identity)
        except InvalidIdentity as error:
            logger.warning("an end was ignored: %s", error)
            return
        pid = pid_from_wire(message.pid)
        if pid is not None and self.table.terminated(identity, pid):
            reason = message.ending or "stopped"
            self.endings.note(identity, Ended(reason, parse(context.headers)))

    def _stop(self, context: Context) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._inquiries.close(context)
        self._spans.end(outcome="stopped")

    def _set_timer(self, context: Context) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        due = self.handover.next_deadline
        if due is not None:
            system, me = self._cluster.system, context.self
            self._timer = system.loop.call_at(due, system.send, me, TimeToLook())

    def _now(self) -> float:
        return self._cluster.system.loop.time()
