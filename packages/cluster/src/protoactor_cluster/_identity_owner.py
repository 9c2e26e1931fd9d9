"""The member's part as owner: where do the identities that it owns live?

A shell around the state machines of `handover`: messages in, their effects out.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from protoactor import PID, Actor, ActorError, Context, DeadLetterResponse, NotDelivered
from protoactor_cluster import handover as machine
from protoactor_cluster import telemetry
from protoactor_cluster._handover_spans import HandoverSpans
from protoactor_cluster._questions import Question, Questions
from protoactor_cluster._wire import (
    activation_request,
    identity_from_wire,
    pid_from_wire,
    refusal,
    success,
)
from protoactor_cluster.consensus import agreed
from protoactor_cluster.errors import ActivationFailed
from protoactor_cluster.events import (
    DuplicateActivation,
    HandoverCompleted,
    RebalanceIncomplete,
)
from protoactor_cluster.gossip_state import READY
from protoactor_cluster.identity import ClusterIdentity, InvalidIdentity
from protoactor_cluster.placement import PLACEMENT
from protoactor_cluster.strategies import MemberStrategy, RoundRobin
from protoactor_cluster.topology import Topology, TopologyChange
from protoactor_cluster.topology_codec import encode_ready
from protoactor_cluster.wire import cluster_pb2

if TYPE_CHECKING:
    from protoactor_cluster.cluster import Cluster

__all__ = ["IDENTITY_OWNER", "IdentityOwner"]

IDENTITY_OWNER = "partition-identity"
logger = logging.getLogger("protoactor.cluster.owner")


class GossipHeard:
    """What members say has changed: the barrier may be reached."""


class TimeToLook:
    """The hand-over's deadline has come."""


class IdentityOwner(Actor):
    """Answers where an identity lives, and has it placed where it lives nowhere."""

    def __init__(self, cluster: Cluster, timeouts: machine.HandoverTimeouts) -> None:
        self._cluster = cluster
        self._table = machine.OwnerTable()
        self._spawns = machine.Spawns()
        self._handover = machine.Handover(
            cluster.member_id, self._table, self._spawns, timeouts
        )
        self._questions = Questions()
        self._strategies: dict[str, MemberStrategy] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._spans = HandoverSpans(cluster)

    @property
    def table(self) -> machine.OwnerTable:
        return self._table

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
            case _:
                pass

    # -- questions -----------------------------------------------------------

    def _asked(self, context: Context, request: cluster_pb2.ActivationRequest) -> None:
        if context.sender is None:
            return
        try:
            identity = identity_from_wire(request.cluster_identity)
        except InvalidIdentity as error:
            why = cluster_pb2.START_FAILED
            context.respond(refusal(why, self._cluster.topology.id, str(error)))
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
        self._decide(context, question)

    def _decide(self, context: Context, question: Question) -> None:
        identity = question.identity
        host = self._doubt(question)
        match machine.decide(
            identity,
            self._handover,
            self._table,
            self._spawns,
            forwarded=question.request.forwarded,
        ):
            case machine.Answer(activation):
                answer = success(activation.pid, self._handover.topology.id)
                self._answer(context, question, answer)
            case machine.Forward(owner):
                self._forward(context, question, owner.address)
            case machine.Refuse(reason):
                self._refuse(context, question, cluster_pb2.NOT_OWNER, reason)
            case machine.Wait():
                self._questions.wait(question)
            case machine.Attach():
                self._questions.attach(question)
            case machine.Spawn(must):
                self._spawn(context, question, must or host)

    def _doubt(self, question: Question) -> str | None:
        """If the table's PID is said to be dead, its host must say what is true."""
        known = self._table.get(question.identity)
        dead = question.dead
        if known is None or dead is None or known.pid[:2] != dead[:2]:
            return None
        self._table.remove(question.identity, dead)
        return known.member_id

    def _forward(self, context: Context, question: Question, address: str) -> None:
        question.request.forwarded = True
        context.send(
            PID(address, IDENTITY_OWNER),
            question.request,
            sender=question.sender,
            headers=self._cluster.spans.headers(question.span, question.headers),
        )
        question.close(None)

    def _choose(self, identity: ClusterIdentity, requester_id: str) -> str | None:
        kind = identity.kind
        hosts = self._cluster.members.hosts(kind)
        strategy = self._strategies.get(kind)
        if strategy is None:
            known = self._cluster.kinds.get(kind)
            strategy = self._strategies[kind] = (
                known.strategy() if known else RoundRobin()
            )
        requester = self._cluster.topology.by_id.get(requester_id)
        host = strategy.choose(hosts, requester.address if requester else "")
        return host.id if host else None

    # -- placing -------------------------------------------------------------

    def _spawn(self, context: Context, question: Question, must: str | None) -> None:
        identity = question.identity
        members = self._handover.topology.by_id
        chosen = must if must in members else None
        chosen = chosen or self._choose(identity, question.request.requester_id)
        host = members.get(chosen or "")
        if host is None:
            text = f"no member hosts {identity.kind!r}"
            self._refuse(context, question, cluster_pb2.UNKNOWN_KIND, text)
            return
        self._spawns.begin(identity, host.id)
        self._questions.attach(question)
        span = self._cluster.spans.start(
            telemetry.ACTIVATION_PLACE,
            headers=question.headers,
            parent=question.span,
            attributes={
                telemetry.IDENTITY: str(identity),
                telemetry.HOST: host.address,
            },
        )
        answer = context.request(
            PID(host.address, PLACEMENT),
            activation_request(
                identity,
                self._handover.topology.id,
                self._cluster.member_id,
                question.dead,
            ),
            returns=cluster_pb2.ActivationResponse,
            timeout=self._cluster.activation_timeout,
            headers=self._cluster.spans.headers(
                span or question.span, question.headers
            ),
        )

        def placed(done: asyncio.Future[cluster_pb2.ActivationResponse]) -> None:
            problem = self._placed(context, identity, host.id, done)
            telemetry.end(span, problem)

        context.reenter_after(answer, placed)

    def _placed(
        self,
        context: Context,
        identity: ClusterIdentity,
        host_id: str,
        done: asyncio.Future[cluster_pb2.ActivationResponse],
    ) -> Exception | None:
        """Take the outcome of a placement; returns what went wrong."""
        if not self._spawns.is_in_flight(identity):
            return ActivationFailed(str(identity), "its host left meanwhile")
        error: Exception | None = None
        try:
            answer = done.result()
        except ActorError as failure:
            error = failure
            known = isinstance(failure, NotDelivered)
            self._spawns.end(identity, outcome_known=known)
            text = f"the chosen host did not answer: {failure}"
            answer = refusal(cluster_pb2.NOT_REFUSED, self._handover.topology.id, text)
        else:
            self._spawns.end(identity)
            error = self._take(identity, host_id, answer)
        for question in self._questions.attached(identity):
            self._answer(context, question, answer)
        if self._spawns.settled:
            self._feed(context, machine.SpawnsSettled(self._now()))
        return error

    def _take(
        self,
        identity: ClusterIdentity,
        host_id: str,
        answer: cluster_pb2.ActivationResponse,
    ) -> Exception | None:
        pid = pid_from_wire(answer.pid)
        if pid is None or answer.failed:
            if answer.refusal == cluster_pb2.STALE_TOPOLOGY:
                self._cluster.reaffirm_later(answer.topology_version)
            return ActivationFailed(str(identity), answer.reason)
        if not self._table.has_ended(pid):
            self._table.put(machine.Activation.of(identity, pid, host_id))
        return None

    def _answer(
        self,
        context: Context,
        question: Question,
        answer: cluster_pb2.ActivationResponse,
    ) -> None:
        context.send(question.sender, answer)
        question.close(answer)

    def _refuse(
        self,
        context: Context,
        question: Question,
        why: cluster_pb2.ActivationRefusal,
        reason: str,
    ) -> None:
        self._answer(
            context, question, refusal(why, self._handover.topology.id, reason)
        )

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
