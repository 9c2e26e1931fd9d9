"""Has identities activated: chooses a host, asks it, and takes its answer."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Protocol

from protoactor import PID, ActorError, Context, NotDelivered
from protoactor_cluster import handover as machine
from protoactor_cluster import telemetry
from protoactor_cluster._questions import Question, Questions
from protoactor_cluster._refusal import Refusal
from protoactor_cluster._wire import activation_request, pid_from_wire, success
from protoactor_cluster.errors import ActivationFailed
from protoactor_cluster.identity import ClusterIdentity
from protoactor_cluster.placement import PLACEMENT
from protoactor_cluster.provider import Member
from protoactor_cluster.strategies import MemberStrategy, RoundRobin
from protoactor_cluster.wire import cluster_pb2

if TYPE_CHECKING:
    from protoactor_cluster.cluster import Cluster

__all__ = ["Owner", "Placing"]

logger = logging.getLogger("protoactor.cluster.owner")


class Owner(Protocol):
    """On whose behalf identities are placed."""

    handover: machine.Handover
    table: machine.OwnerTable
    spawns: machine.Spawns

    def decide(self, context: Context, question: Question) -> None:
        """Look at a question again."""
        ...

    def answer(
        self,
        context: Context,
        question: Question,
        answer: cluster_pb2.ActivationResponse,
    ) -> None: ...

    def refuse(
        self, context: Context, question: Question, refusal: Refusal
    ) -> None: ...

    def stop_duplicate(
        self, context: Context, kept: machine.Activation, stopped: machine.Activation
    ) -> None: ...

    def settled(self, context: Context) -> None:
        """No placement is under way any more."""
        ...


class _Attempt:
    """One request to one host; an answer to an earlier one means nothing."""

    def __init__(self, host: Member, dead: PID | None) -> None:
        self.host = host
        self.dead = dead


class Placing:
    """The placements that one owner has under way."""

    def __init__(self, cluster: Cluster, owner: Owner) -> None:
        self._cluster = cluster
        self._owner = owner
        self._questions = Questions()
        self._attempts: dict[ClusterIdentity, _Attempt] = {}
        self._strategies: dict[str, MemberStrategy] = {}

    def attach(self, question: Question) -> None:
        """Answer this one too when the placement of its identity ends."""
        self._questions.add(question)

    def abandon(self, context: Context, identity: ClusterIdentity) -> None:
        """The host that was asked has left."""
        self._attempts.pop(identity, None)
        refusal = Refusal(cluster_pb2.NOT_REFUSED, "the host that was asked has left")
        for question in self._questions.take(identity):
            self._owner.refuse(context, question, refusal)

    def place(
        self, context: Context, question: Question, host_id: str | None = None
    ) -> None:
        """Have it activated, on this host if one is given.

        With a dead PID in the question, the host says what is true.
        """
        identity = question.identity
        host = self._owner.handover.topology.by_id.get(host_id or "")
        if host is None:
            host = self._choose(identity, question.request.requester_id)
        if isinstance(host, Refusal):
            self._owner.refuse(context, question, host)
            return
        self._owner.spawns.begin(identity, host.id)
        self._questions.add(question)
        self._ask(context, question, _Attempt(host, question.dead))

    def _choose(
        self, identity: ClusterIdentity, requester_id: str
    ) -> Member | Refusal:
        members, kind = self._cluster.members, identity.kind
        hosts = members.hosts(kind)
        if not hosts:
            if any(kind in member.kinds for member in members.topology.members):
                text = f"every member that hosts {kind!r} is leaving"
                return Refusal(cluster_pb2.NOT_REFUSED, text)
            text = f"no member hosts {kind!r}"
            return Refusal(cluster_pb2.UNKNOWN_KIND, text)
        requester = members.topology.by_id.get(requester_id)
        try:
            strategy = self._strategy(kind)
            host = strategy.choose(hosts, requester.address if requester else "")
        except Exception as error:
            logger.warning("the strategy of %r failed", kind, exc_info=error)
            text = f"the member strategy of {kind!r} raised {error!r}"
            return Refusal(cluster_pb2.START_FAILED, text)
        if host not in hosts:
            text = f"the member strategy of {kind!r} chose {host}, no host of it"
            return Refusal(cluster_pb2.NOT_REFUSED, text)
        return host

    def _strategy(self, kind: str) -> MemberStrategy:
        strategy = self._strategies.get(kind)
        if strategy is None:
            known = self._cluster.kinds.get(kind)
            strategy = known.strategy() if known else RoundRobin()
            self._strategies[kind] = strategy
        return strategy

    def _ask(self, context: Context, question: Question, attempt: _Attempt) -> None:
        identity, address = question.identity, attempt.host.address
        self._attempts[identity] = attempt
        span = self._cluster.spans.start(
            telemetry.ACTIVATION_PLACE,
            headers=question.headers,
            parent=question.span,
            attributes={telemetry.IDENTITY: str(identity), telemetry.HOST: address},
        )
        answer = context.request(
            PID(address, PLACEMENT),
            activation_request(
                identity,
                self._owner.handover.topology.id,
                self._cluster.member_id,
                attempt.dead,
            ),
            returns=cluster_pb2.ActivationResponse,
            timeout=self._cluster.activation_timeout,
            headers=self._cluster.spans.headers(
                span or question.span, question.headers
            ),
        )

        def answered(done: asyncio.Future[cluster_pb2.ActivationResponse]) -> None:
            problem: Exception | None = ActivationFailed(
                str(identity), "its host left meanwhile"
            )
            if self._attempts.get(identity) is attempt:
                del self._attempts[identity]
                problem = self._conclude(context, identity, attempt, done)
            telemetry.end(span, problem)

        context.reenter_after(answer, answered)

    def _conclude(
        self,
        context: Context,
        identity: ClusterIdentity,
        attempt: _Attempt,
        done: asyncio.Future[cluster_pb2.ActivationResponse],
    ) -> Exception | None:
        """Take the outcome of a placement; returns what went wrong."""
        owner, error = self._owner, None
        try:
            answer = done.result()
        except ActorError as failure:
            # a message that certainly did not arrive has started nothing
            known = isinstance(failure, NotDelivered)
            owner.spawns.end(identity, outcome_known=known)
            text = f"the chosen host did not answer: {failure}"
            error, refusal = failure, Refusal(cluster_pb2.NOT_REFUSED, text)
            for question in self._questions.take(identity):
                owner.refuse(context, question, refusal)
        else:
            owner.spawns.end(identity)
            error = self._take(context, identity, attempt, answer)
        if owner.spawns.settled:
            owner.settled(context)
        return error

    def _take(
        self,
        context: Context,
        identity: ClusterIdentity,
        attempt: _Attempt,
        answer: cluster_pb2.ActivationResponse,
    ) -> Exception | None:
        owner = self._owner
        questions = self._questions.take(identity)
        pid = pid_from_wire(answer.pid)
        if pid is not None and not answer.failed:
            answer = self._keep(context, identity, pid, attempt, answer)
            for question in questions:
                owner.answer(context, question, answer)
            return None
        if attempt.dead is not None:
            owner.table.remove(identity, attempt.dead)
        if answer.refusal == cluster_pb2.LEAVING:
            self._cluster.members.exclude(attempt.host.id)
            for question in questions:
                owner.decide(context, question)
        else:
            if answer.refusal == cluster_pb2.STALE_TOPOLOGY:
                self._cluster.reaffirm_later(answer.topology_version)
            for question in questions:
                owner.answer(context, question, answer)
        return ActivationFailed(str(identity), answer.reason)

    def _keep(
        self,
        context: Context,
        identity: ClusterIdentity,
        pid: PID,
        attempt: _Attempt,
        answer: cluster_pb2.ActivationResponse,
    ) -> cluster_pb2.ActivationResponse:
        """Enter it in the table, unless it has ended or this member is no owner."""
        owner = self._owner
        new = machine.Activation.of(identity, pid, attempt.host.id)
        ring_owner = owner.handover.ring.owner_at(new.position)
        mine = ring_owner is not None and ring_owner.id == owner.handover.me
        if not mine or owner.table.has_ended(pid):
            return answer
        known = owner.table.get(identity)
        superseded = known is None or known.pid[:2] in (
            pid[:2],
            attempt.dead[:2] if attempt.dead else None,
        )
        if known is None or superseded:
            owner.table.put(new)
            return answer
        kept, stopped = sorted((known, new), key=machine.precedence)
        owner.table.put(kept)
        owner.stop_duplicate(context, kept, stopped)
        return success(kept.pid, owner.handover.topology.id)
