"""The member's part as owner: where do the identities that it owns live?

A shell around the state machines of `handover`: messages in, their effects out.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from protoactor import PID, Actor, Context, DeadLetterResponse
from protoactor_cluster import handover as machine
from protoactor_cluster import telemetry
from protoactor_cluster._handover_spans import HandoverSpans
from protoactor_cluster._placing import Placing
from protoactor_cluster._questions import Question, Questions
from protoactor_cluster._refusal import Refusal
from protoactor_cluster._wire import identity_from_wire, pid_from_wire, success
from protoactor_cluster.consensus import agreed
from protoactor_cluster.events import (
    DuplicateActivation,
    HandoverCompleted,
    RebalanceIncomplete,
)
from protoactor_cluster.gossip_state import READY
from protoactor_cluster.identity import InvalidIdentity
from protoactor_cluster.placement import PLACEMENT
from protoactor_cluster.topology import Topology, TopologyChange
from protoactor_cluster.topology_codec import encode_ready
from protoactor_cluster.wire import cluster_pb2

if TYPE_CHECKING:
    from protoactor_cluster.cluster import Cluster

__all__ = ["IDENTITY_OWNER", "GossipHeard", "IdentityOwner"]

IDENTITY_OWNER = "partition-identity"
logger = logging.getLogger("protoactor.cluster.owner")


class GossipHeard:
    """What members say has changed: the barrier may be reached."""


class TimeToLook:
    """The hand-over's deadline has come."""


class IdentityOwner(Actor):
    """Answers where an identity lives, and has it placed where it lives nowhere."""

    def __init__(self, cluster: Cluster, timeouts: machine.HandoverTimeouts) -> None:
        self.table = machine.OwnerTable()
        self.spawns = machine.Spawns()
        self.handover = machine.Handover(
            cluster.member_id, self.table, self.spawns, timeouts
        )
        self._cluster = cluster
        self._placing = Placing(cluster, self)
        self._waiting = Questions()
        self._timer: asyncio.TimerHandle | None = None
        self._spans = HandoverSpans(cluster)

    @property
    def is_settled(self) -> bool:
        """Whether every member has told what it hosts that this one owns."""
        return self.handover.complete

    def receive(self, context: Context) -> None:
        message: Any = context.message
        match message:
            case cluster_pb2.ActivationRequest():
                self._asked(context, message)
            case cluster_pb2.ActivationTerminated():
                self._ended(message)
            case cluster_pb2.RemoteIdentityHandover():
                self._chunk(context, message)
            case TopologyChange():
                self._topology_changed(context, message)
            case GossipHeard():
                self._look_at_barrier(context)
            case TimeToLook():
                self._feed(context, machine.TimePassed(self._now()))
            case DeadLetterResponse(target):
                self._unreachable(context, target)
            case Stopping():
                self._stop(context)
            case _:
                pass

    # -- questions -----------------------------------------------------------

    def _asked(self, context: Context, request: cluster_pb2.ActivationRequest) -> None:
        if context.sender is None:
            return
        try:
            identity = identity_from_wire(request.cluster_identity)
        except InvalidIdentity as error:
            refusal = Refusal(cluster_pb2.START_FAILED, str(error))
            context.respond(refusal.to_wire(self._cluster.topology.id))
            return
        question = Question.of(context, identity, request)
        question.span = self._cluster.spans.start(
            telemetry.IDENTITY_OWNER,
            headers=context.headers,
            attributes={
                telemetry.IDENTITY: str(identity),
                telemetry.KIND: identity.kind,
                telemetry.MEMBER: self._cluster.member_id,
            },
        )
        self.decide(context, question)

    def decide(self, context: Context, question: Question) -> None:
        """Answer, pass on, have placed, or let wait."""
        known = self.table.get(question.identity)
        if known is not None and self._is_doubtful(known, question):
            self._verify(context, question, known)
            return
        match machine.decide(
            question.identity,
            self.handover,
            self.table,
            self.spawns,
            forwarded=question.request.forwarded,
        ):
            case machine.Answer(activation):
                answer = success(activation.pid, self.handover.topology.id)
                self.answer(context, question, answer)
            case machine.Forward(owner):
                self._forward(context, question, owner.address)
            case machine.Refuse(reason):
                refusal = Refusal(cluster_pb2.NOT_OWNER, reason)
                self.refuse(context, question, refusal)
            case machine.Wait():
                self._waiting.add(question)
            case machine.Attach():
                self._placing.attach(question)
            case machine.Spawn(must):
                self._placing.place(context, question, must)

    def _is_doubtful(self, known: machine.Activation, question: Question) -> bool:
        """Whether somebody found nobody at the PID that the table has."""
        dead = question.dead
        if dead is None or known.pid[:2] != dead[:2]:
            return False
        owner = self.handover.ring.owner_at(known.position)
        return owner is not None and owner.id == self.handover.me

    def _verify(
        self, context: Context, question: Question, known: machine.Activation
    ) -> None:
        """The host must say what is true; until then the table stays as it is."""
        if self.handover.waiting:
            self._waiting.add(question)
        elif self.spawns.is_in_flight(question.identity):
            self._placing.attach(question)
        else:
            self._placing.place(context, question, known.member_id)

    def _forward(self, context: Context, question: Question, address: str) -> None:
        question.request.forwarded = True
        context.send(
            PID(address, IDENTITY_OWNER),
            question.request,
            sender=question.sender,
            headers=self._cluster.spans.headers(question.span, question.headers),
        )
        question.close(None)

    def answer(
        self,
        context: Context,
        question: Question,
        answer: cluster_pb2.ActivationResponse,
    ) -> None:
        context.send(question.sender, answer)
        question.close(answer)

    def refuse(self, context: Context, question: Question, refusal: Refusal) -> None:
        answer = refusal.to_wire(self.handover.topology.id)
        self.answer(context, question, answer)

    def settled(self, context: Context) -> None:
        self._feed(context, machine.SpawnsSettled(self._now()))

    def _decide_all(self, context: Context, questions: Sequence[Question]) -> None:
        for question in questions:
            self._spans.link(question.span)
            self.decide(context, question)

    # -- hand-over -------------------------------------------------------------

    def _topology_changed(self, context: Context, change: TopologyChange) -> None:
        if change.current.id != change.previous.id:
            self._spans.begin(change.current)
        self._feed(context, machine.TopologyChanged(change.current, self._now()))
        self._look_at_barrier(context)

    def _look_at_barrier(self, context: Context) -> None:
        gossip = self._cluster.gossip
        if gossip is None or not self._handover.waiting:
            return
        members = self._handover.topology.by_id
        reached = agreed(members, gossip.topologies(), gossip.ready())
        if reached is not None:
            self._feed(context, machine.BarrierReached(reached, self._now()))

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
        self._feed(context, event)

    def _unreachable(self, context: Context, target: PID | None) -> None:
        member = self._cluster.member_at(target.address) if target else None
        if member is not None:
            self._feed(context, machine.PeerGone(member.id, self._now()))

    def _feed(self, context: Context, event: machine.Event) -> None:
        """Let the hand-over react, and do what it asks for."""
        for effect in self._handover.handle(event):
            self._carry_out(context, effect)
        self._set_timer(context)

    def _carry_out(self, context: Context, effect: machine.Effect) -> None:
        match effect:
            case machine.AbandonSpawns(identities):
                self._abandon(context, identities)
            case machine.AnnounceReady(topology):
                self._announce(topology)
            case machine.AskPeer(member, pull):
                request = machine.encode_pull(pull, self._cluster.member_address)
                headers = self._spans.pull_headers(member)
                placement = PID(member.address, PLACEMENT)
                context.send(placement, request, sender=context.self, headers=headers)
            case machine.AcceptActivations(activations):
                self._accept(context, activations)
            case machine.StopDuplicate(kept, stopped):
                self._stop_duplicate(context, kept, stopped)
            case machine.Incomplete():
                self._incomplete(effect)
            case machine.Release(topology):
                self._release(context, topology)
            case machine.Completed(topology, activations):
                self._completed(topology, activations)

    def _announce(self, topology: Topology) -> None:
        gossip = self._cluster.gossip
        if gossip is not None:
            gossip.set(READY, encode_ready(topology))

    def _abandon(self, context: Context, identities: Sequence[ClusterIdentity]) -> None:
        for identity in identities:
            for question in self._questions.attached(identity):
                text = "the host that was asked has left"
                self._refuse(context, question, cluster_pb2.NOT_REFUSED, text)

    def _accept(
        self, context: Context, activations: Sequence[machine.Activation]
    ) -> None:
        for activation in activations:
            for question in self._questions.waiting_for(activation.identity):
                self._spans.link(question.span)
                self._decide(context, question)

    def _stop_duplicate(
        self, context: Context, kept: machine.Activation, stopped: machine.Activation
    ) -> None:
        logger.warning(
            "%s is active twice: %s stays, %s is stopped",
            kept.identity,
            kept.pid,
            stopped.pid,
        )
        context.poison(stopped.pid)
        event = DuplicateActivation(kept.identity, kept.pid, stopped.pid)
        self._cluster.system.events.publish(event)

    def _incomplete(self, effect: machine.Incomplete) -> None:
        waiting = self._questions.waiting_identities()
        logger.warning("hand-over of %s: %s", effect.topology.id, effect.reason.value)
        event = RebalanceIncomplete(
            effect.topology, effect.reason.value, effect.unanswered, waiting
        )
        self._cluster.system.events.publish(event)

    def _release(self, context: Context, topology: Topology) -> None:
        for question in self._questions.release():
            self._spans.link(question.span)
            self._decide(context, question)

    def _completed(self, topology: Topology, activations: int) -> None:
        self._spans.end(activations)
        event = HandoverCompleted(topology, activations)
        self._cluster.system.events.publish(event)

    def _ended(self, message: cluster_pb2.ActivationTerminated) -> None:
        try:
            identity = identity_from_wire(message.cluster_identity)
        except InvalidIdentity as error:
            logger.warning("an end was ignored: %s", error)
            return
        pid = pid_from_wire(message.pid)
        if pid is not None:
            self._table.terminated(identity, pid)

    def _set_timer(self, context: Context) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        due = self._handover.next_deadline
        if due is not None:
            system, me = self._cluster.system, context.self
            self._timer = system.loop.call_at(due, system.send, me, TimeToLook())

    def _now(self) -> float:
        return self._cluster.system.loop.time()
