"""What becomes of a question where an identity lives."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from protoactor import PID, Context
from protoactor_cluster import handover as machine
from protoactor_cluster import telemetry
from protoactor_cluster._handover_spans import HandoverSpans
from protoactor_cluster._owner import Owner
from protoactor_cluster._placing import Placing
from protoactor_cluster._questions import Question, Questions
from protoactor_cluster._refusal import Refusal
from protoactor_cluster._wire import identity_from_wire, success
from protoactor_cluster.identity import InvalidIdentity
from protoactor_cluster.wire import cluster_pb2

if TYPE_CHECKING:
    from protoactor_cluster.cluster import Cluster

__all__ = ["IDENTITY_OWNER", "Inquiries"]

IDENTITY_OWNER = "partition-identity"
"""Name of the actor that is asked."""


class Inquiries:
    """Answers them, passes them on, has identities placed, or lets them wait."""

    def __init__(
        self, cluster: Cluster, owner: Owner, placing: Placing, spans: HandoverSpans
    ) -> None:
        self._cluster = cluster
        self._handover = owner.handover
        self._table = owner.table
        self._spawns = owner.spawns
        self._placing = placing
        self._spans = spans
        self.waiting = Questions()
        """Those that the hand-over under way will answer."""

    def asked(self, context: Context, request: cluster_pb2.ActivationRequest) -> None:
        """Somebody wants to know, or does not know how to ask."""
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
        known = self._table.get(question.identity)
        if known is not None and self._is_doubtful(known, question):
            self._verify(context, question, known)
            return
        match machine.decide(
            question.identity,
            self._handover,
            self._table,
            self._spawns,
            forwarded=question.request.forwarded,
        ):
            case machine.Answer(activation):
                answer = success(activation.pid, self._handover.topology.id)
                self.answer(context, question, answer)
            case machine.Forward(owner):
                self._forward(context, question, owner.address)
            case machine.Refuse(reason):
                refusal = Refusal(cluster_pb2.NOT_OWNER, reason)
                self.refuse(context, question, refusal)
            case machine.Wait():
                self._wait(question)
            case machine.Attach():
                self._placing.attach(question)
            case machine.Spawn(must):
                self._placing.place(context, question, must)

    def _is_doubtful(self, known: machine.Activation, question: Question) -> bool:
        """Whether somebody found nobody at the PID that the table has."""
        dead = question.dead
        if dead is None or known.pid[:2] != dead[:2]:
            return False
        owner = self._handover.ring.owner_at(known.position)
        return owner is not None and owner.id == self._handover.me

    def _verify(
        self, context: Context, question: Question, known: machine.Activation
    ) -> None:
        """The host must say what is true; until then the table stays as it is."""
        if self._handover.waiting:
            self._wait(question)
        elif self._spawns.is_in_flight(question.identity):
            self._placing.attach(question)
        else:
            self._placing.place(context, question, known.member_id)

    def _wait(self, question: Question) -> None:
        """The hand-over under way will tell."""
        question.wait_for(self._spans.trace)
        self.waiting.add(question)

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
        context.send(question.sender, question.explain(answer))
        question.close(answer)

    def refuse(self, context: Context, question: Question, refusal: Refusal) -> None:
        answer = refusal.to_wire(self._handover.topology.id)
        self.answer(context, question, answer)

    def decide_all(self, context: Context, questions: Iterable[Question]) -> None:
        for question in questions:
            self.decide(context, question)

    def reconsider(
        self, context: Context, activations: Iterable[machine.Activation]
    ) -> None:
        """These have become known: who waits for one of them may go on."""
        for activation in activations:
            self.decide_all(context, self.waiting.take(activation.identity))

    def reconsider_all(self, context: Context) -> None:
        """Nobody has to wait any longer."""
        self.decide_all(context, self.waiting.take_all())

    def wait_for_trace(self) -> None:
        """All that wait do so for the hand-over that has just begun."""
        for question in self.waiting:
            question.wait_for(self._spans.trace)

    def close(self, context: Context) -> None:
        """Nobody is answered here any more."""
        self._placing.close(context, Refusal.leaving())
        for question in self.waiting.take_all():
            self.refuse(context, question, Refusal.leaving())
