"""The member's part as owner: where do the identities that it owns live?"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from opentelemetry.trace import Span

from protoactor import PID, Actor, ActorError, Context
from protoactor_cluster import telemetry
from protoactor_cluster._wire import (
    activation_request,
    identity_from_wire,
    pid_from_wire,
    refusal,
    success,
)
from protoactor_cluster.errors import ActivationFailed
from protoactor_cluster.identity import ClusterIdentity, InvalidIdentity
from protoactor_cluster.placement import PLACEMENT
from protoactor_cluster.strategies import MemberStrategy, RoundRobin
from protoactor_cluster.topology import TopologyChange
from protoactor_cluster.wire import cluster_pb2

if TYPE_CHECKING:
    from protoactor_cluster.cluster import Cluster

__all__ = ["IDENTITY_OWNER", "IdentityOwner"]

IDENTITY_OWNER = "partition-identity"


@dataclass(slots=True)
class Question:
    """An activation request that is not answered yet."""

    sender: PID
    headers: Mapping[str, str]
    span: Span | None


@dataclass(slots=True)
class Placing:
    """An identity for which placement was asked."""

    host: str
    questions: list[Question] = field(default_factory=list[Question])


class IdentityOwner(Actor):
    """Answers where an identity lives, and has it placed where it lives nowhere."""

    def __init__(
        self, cluster: Cluster, owner_of: Callable[[ClusterIdentity], str | None]
    ) -> None:
        self._cluster = cluster
        self._owner_of = owner_of
        self._table: dict[ClusterIdentity, PID] = {}
        self._placing: dict[ClusterIdentity, Placing] = {}
        self._strategies: dict[str, MemberStrategy] = {}

    def receive(self, context: Context) -> None:
        message: Any = context.message
        match message:
            case cluster_pb2.ActivationRequest():
                self._asked(context, message)
            case cluster_pb2.ActivationTerminated():
                self._ended(message)
            case TopologyChange():
                self._topology_changed(context, message)
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
        question = self._question(context, identity)
        pid, dead = self._table.get(identity), pid_from_wire(request.dead)
        if pid is not None and pid != dead:
            self._answer(context, question, success(pid, self._cluster.topology.id))
        elif (placing := self._placing.get(identity)) is not None:
            placing.questions.append(question)
        else:
            host = self._host_of(pid) or self._choose(identity, request)
            self._place(context, identity, host, dead, question)

    def _question(self, context: Context, identity: ClusterIdentity) -> Question:
        assert context.sender is not None
        span = self._cluster.spans.start(
            telemetry.IDENTITY_OWNER,
            headers=context.headers,
            attributes={
                telemetry.IDENTITY: str(identity),
                telemetry.KIND: identity.kind,
                telemetry.MEMBER: self._cluster.member_id,
            },
        )
        return Question(context.sender, context.headers, span)

    def _host_of(self, pid: PID | None) -> str | None:
        """The member that a PID in the table names, if it is still one."""
        if pid is None:
            return None
        members = self._cluster.topology.members
        return next((m.address for m in members if m.address == pid.address), None)

    def _choose(
        self, identity: ClusterIdentity, request: cluster_pb2.ActivationRequest
    ) -> str | None:
        kind = identity.kind
        hosts = self._cluster.members.hosts(kind)
        strategy = self._strategies.get(kind)
        if strategy is None:
            known = self._cluster.kinds.get(kind)
            strategy = self._strategies[kind] = (
                known.strategy() if known else RoundRobin()
            )
        requester = self._cluster.topology.by_id.get(request.requester_id)
        host = strategy.choose(hosts, requester.address if requester else "")
        return host.address if host else None

    # -- placing -------------------------------------------------------------

    def _place(
        self,
        context: Context,
        identity: ClusterIdentity,
        host: str | None,
        dead: PID | None,
        question: Question,
    ) -> None:
        if host is None:
            why, text = cluster_pb2.UNKNOWN_KIND, f"no member hosts {identity.kind!r}"
            self._answer(
                context, question, refusal(why, self._cluster.topology.id, text)
            )
            return
        self._placing[identity] = Placing(host, [question])
        span = self._cluster.spans.start(
            telemetry.ACTIVATION_PLACE,
            headers=question.headers,
            parent=question.span,
            attributes={telemetry.IDENTITY: str(identity), telemetry.HOST: host},
        )
        topology = self._cluster.topology.id
        request = activation_request(identity, topology, self._cluster.member_id, dead)
        answer = context.request(
            PID(host, PLACEMENT),
            request,
            returns=cluster_pb2.ActivationResponse,
            timeout=self._cluster.activation_timeout,
            headers=self._cluster.spans.headers(span or question.span),
        )

        def placed(done: asyncio.Future[cluster_pb2.ActivationResponse]) -> None:
            self._placed(context, identity, done, span)

        context.reenter_after(answer, placed)

    def _placed(
        self,
        context: Context,
        identity: ClusterIdentity,
        done: asyncio.Future[cluster_pb2.ActivationResponse],
        span: Span | None,
    ) -> None:
        placing = self._placing.pop(identity, None)
        answer = self._outcome(identity, done, span)
        pid = pid_from_wire(answer.pid)
        if pid is not None and placing is not None:
            self._table[identity] = pid
        for question in placing.questions if placing else ():
            self._answer(context, question, answer)

    def _outcome(
        self,
        identity: ClusterIdentity,
        done: asyncio.Future[cluster_pb2.ActivationResponse],
        span: Span | None,
    ) -> cluster_pb2.ActivationResponse:
        try:
            answer = done.result()
        except ActorError as error:
            self._table.pop(identity, None)
            telemetry.end(span, error)
            text = f"the chosen host did not answer: {error}"
            return refusal(cluster_pb2.NOT_REFUSED, self._cluster.topology.id, text)
        problem = (
            ActivationFailed(str(identity), answer.reason) if answer.failed else None
        )
        telemetry.end(span, problem)
        return answer

    def _answer(
        self,
        context: Context,
        question: Question,
        answer: cluster_pb2.ActivationResponse,
    ) -> None:
        if question.span is not None:
            question.span.set_attribute(telemetry.PID, answer.pid.Id)
            telemetry.end(question.span)
        context.send(question.sender, answer)

    # -- changes -------------------------------------------------------------

    def _ended(self, message: cluster_pb2.ActivationTerminated) -> None:
        """Forget an activation that has ended, unless a newer one took its place."""
        identity = ClusterIdentity(
            message.cluster_identity.kind, message.cluster_identity.identity
        )
        if self._table.get(identity) == pid_from_wire(message.pid):
            del self._table[identity]

    def _topology_changed(self, context: Context, change: TopologyChange) -> None:
        gone = {member.address for member in change.left}
        me = self._cluster.member_address
        self._table = {
            identity: pid
            for identity, pid in self._table.items()
            if pid.address not in gone and self._owner_of(identity) == me
        }
        for identity, placing in list(self._placing.items()):
            if placing.host in gone:
                del self._placing[identity]
                text = f"{placing.host} left while it was asked"
                why = refusal(cluster_pb2.NOT_REFUSED, self._cluster.topology.id, text)
                for question in placing.questions:
                    self._answer(context, question, why)
